// y = 2.57515609
package RedViaShort
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model N=A(a=7,b=1);
  model B
    replaceable model M=A;
    M m;
  end B;
  model Test
    B c(redeclare model M=N);
    output Real y=c.m.x;
  end Test;
end RedViaShort;
