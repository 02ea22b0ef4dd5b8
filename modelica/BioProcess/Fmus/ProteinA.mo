within BioProcess.Fmus;
block ProteinA "Protein A capture column"
  extends Chromatography.AffinityColumn;
  annotation(experiment(StopTime=3600, Interval=60));
end ProteinA;
