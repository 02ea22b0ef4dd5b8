within BioProcess.VirusSafety;
function aggregation "What aggregation at a rate consumes: antibody and what is contained in it"
  input Units.SpecificRate k "Rate of aggregation";
  input Species.Amounts m "Amounts";
  output Species.Flows consumed "What is consumed";
algorithm
  consumed := k*Species.vector(mab=m[Species.Mab.index], mab_acidic=m[Species.MabAcidic.index],
    mab_basic=m[Species.MabBasic.index], glycan_galactose=m[Species.GlycanGalactose.index],
    glycan_high_mannose=m[Species.GlycanHighMannose.index]);
end aggregation;
