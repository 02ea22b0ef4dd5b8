// y = 1.10363832, 1.47151776
package ArrRed
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
    B c[2](redeclare A2 m(a={3,4}));
    output Real y[2]=c.m.x;
  end Test;
end ArrRed;
