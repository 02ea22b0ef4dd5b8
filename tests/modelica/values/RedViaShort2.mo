// y = 2.57515609
package RedViaShort2
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    replaceable model M=A;
    M m;
  end B;
  model D
    B c;
    replaceable model M2=A;
    B e(redeclare model M=M2);
  end D;
  model Test
    extends D;
    redeclare model M2=A(a=7,b=1);
    output Real y=e.m.x;
  end Test;
end RedViaShort2;
