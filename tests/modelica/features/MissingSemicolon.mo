package MissingSemicolon
  model Test
    Real x(start=1, fixed=true)
    output Real y;
  equation
    der(x) = -x;
    y = x;
  end Test;
end MissingSemicolon;
