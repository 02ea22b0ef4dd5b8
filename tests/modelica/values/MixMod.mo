// y = 2.57515609
package MixMod
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    A m(a=2,b=1);
  end B;
  model Test
    B c(m(a=7));
    output Real y=c.m.x;
  end Test;
end MixMod;
