within Modelica.Blocks.Interfaces;
connector IntegerOutput = output Integer "Integer output";
