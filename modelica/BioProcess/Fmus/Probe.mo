within BioProcess.Fmus;
block Probe "Instrument with lag, drift and sampling delay"
  extends Sensors.Probe;
  annotation(experiment(StopTime=3600, Interval=10));
end Probe;
