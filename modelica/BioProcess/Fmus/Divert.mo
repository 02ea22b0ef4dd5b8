within BioProcess.Fmus;
block Divert "Valve that collects part of a stream"
  extends Vessels.Valve;
  annotation(experiment(StopTime=3600, Interval=60));
end Divert;
