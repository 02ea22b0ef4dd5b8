within BioProcess.Fmus;
block FillLine "Filling line"
  extends Formulation.Filler;
  annotation(experiment(StopTime=3600, Interval=60));
end FillLine;
