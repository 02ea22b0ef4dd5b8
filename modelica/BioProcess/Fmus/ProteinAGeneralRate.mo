within BioProcess.Fmus;
block ProteinAGeneralRate "Protein A capture column of porous particles"
  extends Chromatography.GeneralRateAffinityColumn;
  annotation(experiment(StopTime=3600, Interval=60));
end ProteinAGeneralRate;
