within Modelica.Blocks.Interfaces;
connector BooleanInput = input Boolean "Boolean input";
