// y = 1.10363832
package InnerMod
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model I
    outer A w;
    Real y=w.x;
  end I;
  model Test
    inner A w(a=3,b=1);
    I i;
    output Real y=i.y;
  end Test;
end InnerMod;
