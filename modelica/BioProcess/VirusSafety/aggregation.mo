within BioProcess.VirusSafety;
function aggregation "What aggregation at a rate consumes: antibody and what is contained in it"
  input Units.SpecificRate k "Rate of aggregation";
  input BioProcess.Species.Amounts m "Amounts";
  output BioProcess.Species.Flows consumed "What is consumed";
algorithm
  consumed := k*BioProcess.Species.vector(mab=m[BioProcess.Species.Mab.index], mab_acidic=m[BioProcess.Species.MabAcidic.index],
    mab_basic=m[BioProcess.Species.MabBasic.index], glycan_galactose=m[BioProcess.Species.GlycanGalactose.index],
    glycan_high_mannose=m[BioProcess.Species.GlycanHighMannose.index]);
end aggregation;
