// y = 2.57515609, 2.94303553
package RedCompArr
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
    replaceable A m[2];
  end B;
  model Test
    B c(redeclare A2 m[2](a={7,8}));
    output Real y[2]=c.m.x;
  end Test;
end RedCompArr;
