// y = 1.10363832
package FinalMod
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
    A m(final a=3, final b=1);
    output Real y=m.x;
  end Test;
end FinalMod;
