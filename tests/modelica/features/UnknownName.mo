package UnknownName
  model Test
    Real x(start=1, fixed=true);
    output Real y;
  equation
    der(x) = -rate*x;
    y = x;
  end Test;
end UnknownName;
