// y = 1.10363832
package ExtMod
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
    extends A(a=3,b=1);
    output Real y=x;
  end Test;
end ExtMod;
