"""From Modelica sources to a flat model. Nothing is imported here: a cache hit needs the sources only."""
