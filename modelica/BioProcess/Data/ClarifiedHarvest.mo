within BioProcess.Data;
record ClarifiedHarvest "Clarified harvest of a fed-batch culture"
  parameter Units.MassConcentration mab(min=0) = 4.36 "Antibody";
  parameter Units.MassConcentration mab_acidic(min=0) = 0.8 "Of that, acidic variants";
  parameter Units.MassConcentration mab_basic(min=0) = 0.4 "Of that, basic variants";
  parameter Units.MassConcentration mab_aggregate(min=0) = 0.09 "Aggregates of antibody";
  parameter Units.MassConcentration hcp(min=0) = 0.35 "Host cell protein";
  parameter Units.MassConcentration dna(min=0) = 0.02 "DNA";
  parameter Units.Molarity glucose(min=0) = 12 "Glucose";
  parameter Units.Molarity glutamine(min=0) = 3.7 "Glutamine";
  parameter Units.Molarity lactate(min=0) = 40 "Lactate";
  parameter Units.Molarity ammonia(min=0) = 9.9 "Total ammonia";
  parameter Units.Molarity carbonate(min=0) = 13 "Total carbonic acid: balances the charge near pH 7";
  parameter Units.Molarity sodium(min=0) = 155 "Sodium";
  parameter Units.Molarity chloride(min=0) = 107 "Chloride";
  parameter Units.Molarity phosphate(min=0) = 3 "Total phosphoric acid";
  annotation(Documentation(info="<html>
<p>What the flagship process loads on its Protein A column, rounded; variants, aggregates and DNA are customary of CHO
harvests: calibrated.</p>
</html>"));
end ClarifiedHarvest;
