model Knot "Two outputs that follow two inputs at once, and a state"
  parameter Real gain = 3 "Of each input";
  parameter Real rest = 1 "Where the state goes";
  input Real u1(start = 0);
  input Real u2(start = 0);
  input Real w(start = 0);
  output Real y1;
  output Real y2;
  Real x(start = 0, fixed = true);
equation
  der(x) = rest - x + 0.1*u1;
  y1 = gain*u1 + u2 + x + w;
  y2 = gain*u2 - u1*abs(u1)/(1 + u1*u1) - x;
end Knot;
