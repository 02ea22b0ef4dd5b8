"""From Modelica sources to FMUs."""
