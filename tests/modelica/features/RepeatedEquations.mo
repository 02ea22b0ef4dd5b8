package RepeatedEquations
  model Test
    Real a;
    Real b;
    output Real y;
  equation
    a = b + 1;
    b = a - 1;
    y = a;
  end Test;
end RepeatedEquations;
