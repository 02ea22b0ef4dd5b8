within Modelica.Blocks.Interfaces;
connector BooleanOutput = output Boolean "Boolean output";
