within BioProcess.Fmus;
block DepthFilter "Depth filter: cells, debris, DNA and some host cell protein stay"
  extends Filtration.DepthMedium;
  annotation(experiment(StopTime=7200, Interval=60));
end DepthFilter;
