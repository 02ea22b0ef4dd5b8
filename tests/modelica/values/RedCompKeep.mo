// y = 1.83939721
package RedCompKeep
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model A2
    extends A(b=1);
  end A2;
  model B
    replaceable A m(a=5);
  end B;
  model Test
    B c(redeclare A2 m);
    output Real y=c.m.x;
  end Test;
end RedCompKeep;
