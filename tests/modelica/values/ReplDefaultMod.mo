// y = 2.57515609
package ReplDefaultMod
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    replaceable model M=A(a=7,b=1);
    M m;
  end B;
  model Test
    B c;
    output Real y=c.m.x;
  end Test;
end ReplDefaultMod;
