package BooleanWithoutEvent
  model Test
    Real x(start=0, fixed=true);
    Integer k;
    output Real y;
  equation
    der(x) = 1;
    k = integer(10*x);
    y = k;
  end Test;
end BooleanWithoutEvent;
