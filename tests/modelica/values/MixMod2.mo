// y = 0.812011699
package MixMod2
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    parameter Real q=4;
    A m(a=q,b=1);
  end B;
  model C
    B b(q=6);
  end C;
  model Test
    C c(b(m(b=2)));
    output Real y=c.b.m.x;
  end Test;
end MixMod2;
