package StartsUndetermined
  model Test
    parameter Real k(fixed=false);
    Real x(start=1, fixed=true);
    output Real y;
  equation
    der(x) = -k*x;
    y = x;
  end Test;
end StartsUndetermined;
