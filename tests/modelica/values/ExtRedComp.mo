// y = 2.20727665
package ExtRedComp
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
    replaceable A m(a=2);
  end B;
  model C
    extends B(redeclare A2 m(a=5));
  end C;
  model Test
    C c(m(a=6));
    output Real y=c.m.x;
  end Test;
end ExtRedComp;
