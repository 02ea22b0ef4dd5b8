package Settled "Models whose states follow from their inputs at the start"
  block Lag "First-order lag that begins in balance with its input"
    parameter Real gain(unit = "1") = 0.5 "Output per input at rest";
    parameter Real offset(unit = "1") = 1 "Output at rest without input";
    input Real u(unit = "1", start = 0) "Input";
    output Real y(unit = "1") "Output";
  initial equation
    der(y) = 0;
  equation
    10*der(y) = gain*u + offset - y;
  end Lag;

  block Root "Lag that begins at the root of its input"
    input Real u(unit = "1", start = 1) "Input";
    output Real y(unit = "1") "Output";
  initial equation
    y = sqrt(u) + 1;
  equation
    10*der(y) = sqrt(u) + 1 - y;
  end Root;
end Settled;
