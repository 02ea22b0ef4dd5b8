package TwoTiedStates
  model Test
    Real x(start=1, fixed=true);
    Real z(start=1);
    output Real y;
  equation
    der(x) = -x;
    z = 2*x;
    der(z) = y;
  end Test;
end TwoTiedStates;
