within BioProcess.Fmus;
block OxygenController "Holds dissolved oxygen by the oxygen in the gas"
  extends Controls.OxygenController;
  annotation(experiment(StopTime=3600, Interval=10));
end OxygenController;
