within Modelica.Blocks.Interfaces;
partial block SI2SO "Two inputs, one output"
  RealInput u1 "First input";
  RealInput u2 "Second input";
  RealOutput y "Output";
end SI2SO;
