// y = 1.10363832
package RedCompReplAgain
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
    B c(redeclare replaceable A2 m(a=3));
    output Real y=c.m.x;
  end Test;
end RedCompReplAgain;
