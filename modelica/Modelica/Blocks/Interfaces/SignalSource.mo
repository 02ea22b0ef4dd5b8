within Modelica.Blocks.Interfaces;
partial block SignalSource "A signal that begins at some time"
  extends SO;
  parameter Real offset = 0 "Value before the signal begins";
  parameter Units.SI.Time startTime = 0 "Time at which the signal begins";
end SignalSource;
