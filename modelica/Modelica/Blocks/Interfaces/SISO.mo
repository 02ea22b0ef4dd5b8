within Modelica.Blocks.Interfaces;
partial block SISO "One input, one output"
  RealInput u "Input";
  RealOutput y "Output";
end SISO;
