package ParamFixedFalseFreeState
  model Test
    Real x(start=1);
    parameter Real k(fixed=false);
    output Real y;
  initial equation
    der(x) = -2*x;
  equation
    der(x) = -k*x;
    y = x;
  end Test;
end ParamFixedFalseFreeState;
