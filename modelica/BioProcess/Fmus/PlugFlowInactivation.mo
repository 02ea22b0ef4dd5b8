within BioProcess.Fmus;
block PlugFlowInactivation "Coil for continuous virus inactivation at low pH"
  extends VirusSafety.PlugFlow;
  annotation(experiment(StopTime=3600, Interval=60));
end PlugFlowInactivation;
