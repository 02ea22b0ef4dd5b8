within BioProcess.Fmus;
block MediumSupply "Medium for a perfused culture, on demand"
  extends Feeds.Supply(c_supplied=Species.vector(
    glucose=medium.glucose, glutamine=medium.glutamine, asparagine=medium.asparagine, amino_acids=medium.amino_acids,
    carbonate=medium.carbonate, sodium=medium.sodium, chloride=medium.chloride, phosphate=medium.phosphate));
  parameter Data.PerfusionMedium medium "Composition of the medium";
  annotation(experiment(StopTime=3600, Interval=60));
end MediumSupply;
