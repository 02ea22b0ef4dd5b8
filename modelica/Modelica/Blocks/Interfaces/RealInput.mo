within Modelica.Blocks.Interfaces;
connector RealInput = input Real "Real input";
