within Modelica.Blocks.Interfaces;
connector RealOutput = output Real "Real output";
