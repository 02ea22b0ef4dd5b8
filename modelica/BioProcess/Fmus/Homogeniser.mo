within BioProcess.Fmus;
block Homogeniser "High-pressure homogeniser that breaks microbial cells"
  extends Disruption.HighPressureValve;
  annotation(experiment(StopTime=3600, Interval=60));
end Homogeniser;
