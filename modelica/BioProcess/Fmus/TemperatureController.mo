within BioProcess.Fmus;
block TemperatureController "Holds the temperature by that of the jacket"
  extends Controls.TemperatureController;
  annotation(experiment(StopTime=3600, Interval=10));
end TemperatureController;
