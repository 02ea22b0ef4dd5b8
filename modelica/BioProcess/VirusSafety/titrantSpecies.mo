within BioProcess.VirusSafety;
function titrantSpecies "What flows of acid and base bring"
  input Units.VolumeFlowRate acid_flow "Flow of the acid";
  input Units.VolumeFlowRate base_flow "Flow of the base";
  input Data.Buffer acid "Composition of the acid";
  input Data.Buffer base "Composition of the base";
  output Species.Flows added "What they bring";
algorithm
  added := Species.vector(
    sodium=acid_flow*acid.sodium + base_flow*base.sodium,
    chloride=acid_flow*acid.chloride + base_flow*base.chloride,
    acetate=acid_flow*acid.acetate + base_flow*base.acetate,
    tris=acid_flow*acid.tris + base_flow*base.tris,
    phosphate=acid_flow*acid.phosphate + base_flow*base.phosphate,
    citrate=acid_flow*acid.citrate + base_flow*base.citrate,
    histidine=acid_flow*acid.histidine + base_flow*base.histidine);
end titrantSpecies;
