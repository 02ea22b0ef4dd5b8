within BioProcess.Fmus;
block FormulationTank "Tank that doses excipients and lets antibody age"
  extends Formulation.StabilityTank;
  annotation(experiment(StopTime=3600, Interval=60));
end FormulationTank;
