package AssertWithValues
  model Test
    parameter Real limit = 0.5;
    Real x(start=1, fixed=true);
    Boolean low = x < limit;
    output Real y;
  equation
    der(x) = -x;
    y = 2*x;
    assert(x > limit, "y is " + String(y) + ", below " + String(2*limit) + "; low: " + String(low) + " " + String(3));
  end Test;
end AssertWithValues;
