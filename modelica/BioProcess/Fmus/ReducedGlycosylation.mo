within BioProcess.Fmus;
block ReducedGlycosylation "Glycans of the antibody in lumped forms, fast"
  extends Quality.LumpedGlycosylation;
  annotation(experiment(StopTime=3600, Interval=600));
end ReducedGlycosylation;
