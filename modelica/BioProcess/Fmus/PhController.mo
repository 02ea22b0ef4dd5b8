within BioProcess.Fmus;
block PhController "Holds the pH by carbon dioxide in the gas and by base"
  extends Controls.PhController;
  annotation(experiment(StopTime=3600, Interval=10));
end PhController;
