package RootOfNegative
  model Test
    output Real y;
  equation
    y = sqrt(-1.0);
  end Test;
end RootOfNegative;
