within Modelica.Blocks.Interfaces;
connector IntegerInput = input Integer "Integer input";
