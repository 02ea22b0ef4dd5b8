package StatesOverdetermined
  model Test
    Real x(start=1, fixed=true);
    output Real y;
  initial equation
    der(x) = 0;
  equation
    der(x) = -x + 1;
    y = x;
  end Test;
end StatesOverdetermined;
