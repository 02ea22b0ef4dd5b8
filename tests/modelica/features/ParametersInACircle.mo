package ParametersInACircle
  model Test
    parameter Real a=b;
    parameter Real b=a;
    Real x(start=1, fixed=true);
    output Real y;
  equation
    der(x) = -a*x;
    y = x;
  end Test;
end ParametersInACircle;
