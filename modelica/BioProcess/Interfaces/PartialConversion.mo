within BioProcess.Interfaces;
partial block PartialConversion "A unit that makes and consumes species"
  extends PartialInventory;
  output Units.CellCount made_cells_viable_total "Viable cells: made since the start";
  output Units.CellCount consumed_cells_viable_total "Viable cells: consumed since the start";
  output Units.CellCount made_cells_dead_total "Dead cells, still whole: made since the start";
  output Units.CellCount consumed_cells_dead_total "Dead cells, still whole: consumed since the start";
  output Units.Mass made_debris_total "Debris of broken cells: made since the start";
  output Units.Mass consumed_debris_total "Debris of broken cells: consumed since the start";
  output Units.Mass made_biomass_total "Microbial cells, dry mass: made since the start";
  output Units.Mass consumed_biomass_total "Microbial cells, dry mass: consumed since the start";
  output Units.AmountOfSubstance made_glucose_total "D-glucose, C6H12O6: made since the start";
  output Units.AmountOfSubstance consumed_glucose_total "D-glucose, C6H12O6: consumed since the start";
  output Units.AmountOfSubstance made_glutamine_total "L-glutamine, C5H10N2O3: made since the start";
  output Units.AmountOfSubstance consumed_glutamine_total "L-glutamine, C5H10N2O3: consumed since the start";
  output Units.AmountOfSubstance made_asparagine_total "L-asparagine, C4H8N2O3: made since the start";
  output Units.AmountOfSubstance consumed_asparagine_total "L-asparagine, C4H8N2O3: consumed since the start";
  output Units.AmountOfSubstance made_amino_acids_total
    "Other amino acids, as one mean amino acid: made since the start";
  output Units.AmountOfSubstance consumed_amino_acids_total
    "Other amino acids, as one mean amino acid: consumed since the start";
  output Units.AmountOfSubstance made_lactate_total "Total lactic acid, C3H6O3: made since the start";
  output Units.AmountOfSubstance consumed_lactate_total "Total lactic acid, C3H6O3: consumed since the start";
  output Units.AmountOfSubstance made_ammonia_total "Total ammonia, NH3: made since the start";
  output Units.AmountOfSubstance consumed_ammonia_total "Total ammonia, NH3: consumed since the start";
  output Units.AmountOfSubstance made_carbonate_total "Total dissolved carbonic acid, H2CO3: made since the start";
  output Units.AmountOfSubstance consumed_carbonate_total
    "Total dissolved carbonic acid, H2CO3: consumed since the start";
  output Units.AmountOfSubstance made_sucrose_total "Sucrose, C12H22O11: made since the start";
  output Units.AmountOfSubstance consumed_sucrose_total "Sucrose, C12H22O11: consumed since the start";
  output Units.Mass made_mab_total "Monoclonal antibody: made since the start";
  output Units.Mass consumed_mab_total "Monoclonal antibody: consumed since the start";
  output Units.Mass made_mab_acidic_total "Acidic charge variants, contained in the antibody: made since the start";
  output Units.Mass consumed_mab_acidic_total
    "Acidic charge variants, contained in the antibody: consumed since the start";
  output Units.Mass made_mab_basic_total "Basic charge variants, contained in the antibody: made since the start";
  output Units.Mass consumed_mab_basic_total
    "Basic charge variants, contained in the antibody: consumed since the start";
  output Units.AmountOfSubstance made_glycan_galactose_total "Terminal galactose on the antibody: made since the start";
  output Units.AmountOfSubstance consumed_glycan_galactose_total
    "Terminal galactose on the antibody: consumed since the start";
  output Units.AmountOfSubstance made_glycan_high_mannose_total
    "High-mannose glycans on the antibody: made since the start";
  output Units.AmountOfSubstance consumed_glycan_high_mannose_total
    "High-mannose glycans on the antibody: consumed since the start";
  output Units.Mass made_mab_aggregate_total "Aggregates of the antibody: made since the start";
  output Units.Mass consumed_mab_aggregate_total "Aggregates of the antibody: consumed since the start";
  output Units.Mass made_antigen_total "Recombinant antigen: made since the start";
  output Units.Mass consumed_antigen_total "Recombinant antigen: consumed since the start";
  output Units.Mass made_hcp_total "Host cell protein: made since the start";
  output Units.Mass consumed_hcp_total "Host cell protein: consumed since the start";
  output Units.Mass made_dna_total "DNA of the host cells: made since the start";
  output Units.Mass consumed_dna_total "DNA of the host cells: consumed since the start";
  output Units.Mass made_protein_a_total "Protein A leached from the resin: made since the start";
  output Units.Mass consumed_protein_a_total "Protein A leached from the resin: consumed since the start";
  output Units.AmountOfSubstance made_sodium_total "Sodium ion: made since the start";
  output Units.AmountOfSubstance consumed_sodium_total "Sodium ion: consumed since the start";
  output Units.AmountOfSubstance made_chloride_total "Chloride ion: made since the start";
  output Units.AmountOfSubstance consumed_chloride_total "Chloride ion: consumed since the start";
  output Units.AmountOfSubstance made_acetate_total "Total acetic acid, C2H4O2: made since the start";
  output Units.AmountOfSubstance consumed_acetate_total "Total acetic acid, C2H4O2: consumed since the start";
  output Units.AmountOfSubstance made_tris_total
    "Total tris(hydroxymethyl)aminomethane, C4H11NO3: made since the start";
  output Units.AmountOfSubstance consumed_tris_total
    "Total tris(hydroxymethyl)aminomethane, C4H11NO3: consumed since the start";
  output Units.AmountOfSubstance made_phosphate_total "Total phosphoric acid, H3PO4: made since the start";
  output Units.AmountOfSubstance consumed_phosphate_total "Total phosphoric acid, H3PO4: consumed since the start";
  output Units.AmountOfSubstance made_citrate_total "Total citric acid, C6H8O7: made since the start";
  output Units.AmountOfSubstance consumed_citrate_total "Total citric acid, C6H8O7: consumed since the start";
  output Units.AmountOfSubstance made_histidine_total "Total L-histidine, C6H9N3O2: made since the start";
  output Units.AmountOfSubstance consumed_histidine_total "Total L-histidine, C6H9N3O2: consumed since the start";
protected
  Species.Flows made_flow "What is made of each species";
  Species.Flows consumed_flow "What is consumed of each species";
  Species.Amounts made_total(each start=0, each fixed=true, nominal=Species.c_nominal) "Amounts made";
  Species.Amounts consumed_total(each start=0, each fixed=true, nominal=Species.c_nominal) "Amounts consumed";
equation
  der(made_total) = made_flow;
  der(consumed_total) = consumed_flow;
  made_cells_viable_total = made_total[Species.CellsViable.index];
  consumed_cells_viable_total = consumed_total[Species.CellsViable.index];
  made_cells_dead_total = made_total[Species.CellsDead.index];
  consumed_cells_dead_total = consumed_total[Species.CellsDead.index];
  made_debris_total = made_total[Species.Debris.index];
  consumed_debris_total = consumed_total[Species.Debris.index];
  made_biomass_total = made_total[Species.Biomass.index];
  consumed_biomass_total = consumed_total[Species.Biomass.index];
  made_glucose_total = made_total[Species.Glucose.index];
  consumed_glucose_total = consumed_total[Species.Glucose.index];
  made_glutamine_total = made_total[Species.Glutamine.index];
  consumed_glutamine_total = consumed_total[Species.Glutamine.index];
  made_asparagine_total = made_total[Species.Asparagine.index];
  consumed_asparagine_total = consumed_total[Species.Asparagine.index];
  made_amino_acids_total = made_total[Species.AminoAcids.index];
  consumed_amino_acids_total = consumed_total[Species.AminoAcids.index];
  made_lactate_total = made_total[Species.Lactate.index];
  consumed_lactate_total = consumed_total[Species.Lactate.index];
  made_ammonia_total = made_total[Species.Ammonia.index];
  consumed_ammonia_total = consumed_total[Species.Ammonia.index];
  made_carbonate_total = made_total[Species.Carbonate.index];
  consumed_carbonate_total = consumed_total[Species.Carbonate.index];
  made_sucrose_total = made_total[Species.Sucrose.index];
  consumed_sucrose_total = consumed_total[Species.Sucrose.index];
  made_mab_total = made_total[Species.Mab.index];
  consumed_mab_total = consumed_total[Species.Mab.index];
  made_mab_acidic_total = made_total[Species.MabAcidic.index];
  consumed_mab_acidic_total = consumed_total[Species.MabAcidic.index];
  made_mab_basic_total = made_total[Species.MabBasic.index];
  consumed_mab_basic_total = consumed_total[Species.MabBasic.index];
  made_glycan_galactose_total = made_total[Species.GlycanGalactose.index];
  consumed_glycan_galactose_total = consumed_total[Species.GlycanGalactose.index];
  made_glycan_high_mannose_total = made_total[Species.GlycanHighMannose.index];
  consumed_glycan_high_mannose_total = consumed_total[Species.GlycanHighMannose.index];
  made_mab_aggregate_total = made_total[Species.MabAggregate.index];
  consumed_mab_aggregate_total = consumed_total[Species.MabAggregate.index];
  made_antigen_total = made_total[Species.Antigen.index];
  consumed_antigen_total = consumed_total[Species.Antigen.index];
  made_hcp_total = made_total[Species.Hcp.index];
  consumed_hcp_total = consumed_total[Species.Hcp.index];
  made_dna_total = made_total[Species.Dna.index];
  consumed_dna_total = consumed_total[Species.Dna.index];
  made_protein_a_total = made_total[Species.ProteinA.index];
  consumed_protein_a_total = consumed_total[Species.ProteinA.index];
  made_sodium_total = made_total[Species.Sodium.index];
  consumed_sodium_total = consumed_total[Species.Sodium.index];
  made_chloride_total = made_total[Species.Chloride.index];
  consumed_chloride_total = consumed_total[Species.Chloride.index];
  made_acetate_total = made_total[Species.Acetate.index];
  consumed_acetate_total = consumed_total[Species.Acetate.index];
  made_tris_total = made_total[Species.Tris.index];
  consumed_tris_total = consumed_total[Species.Tris.index];
  made_phosphate_total = made_total[Species.Phosphate.index];
  consumed_phosphate_total = consumed_total[Species.Phosphate.index];
  made_citrate_total = made_total[Species.Citrate.index];
  consumed_citrate_total = consumed_total[Species.Citrate.index];
  made_histidine_total = made_total[Species.Histidine.index];
  consumed_histidine_total = consumed_total[Species.Histidine.index];
  annotation(Documentation(info="<html>
<p>Both rates are positive or zero, and both totals are states.</p>
</html>"));
end PartialConversion;
