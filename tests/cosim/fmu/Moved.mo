model Moved "Integral of an input, with an output that follows it directly"
  input Real u(start = 0);
  input Boolean on(start = true);
  output Real x(start = 0, fixed = true);
  output Real y;
  output Integer crossings(start = 0, fixed = true);
equation
  der(x) = if on then u else 0;
  y = 2*u + x;
  when u > 0.5 then
    crossings = pre(crossings) + 1;
  end when;
end Moved;
