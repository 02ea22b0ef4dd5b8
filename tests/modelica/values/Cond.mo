// y = 2
package Cond
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
    parameter Boolean on=true;
    A m(a=3,b=1) if on;
    A n(a=5) if not on;
    output Real y;
  equation
    y = if on then 2 else 3;
  end Test;
end Cond;
