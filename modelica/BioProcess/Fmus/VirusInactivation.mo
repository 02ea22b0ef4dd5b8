within BioProcess.Fmus;
block VirusInactivation "Tank for virus inactivation at low pH, with neutralisation"
  extends VirusSafety.InactivationTank;
  annotation(experiment(StopTime=3600, Interval=60));
end VirusInactivation;
