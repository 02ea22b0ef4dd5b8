// y = 2.57515609
package RedCompExt
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
    replaceable A m;
  end B;
  model Test
    extends B(redeclare A2 m(a=7));
    output Real y=m.x;
  end Test;
end RedCompExt;
