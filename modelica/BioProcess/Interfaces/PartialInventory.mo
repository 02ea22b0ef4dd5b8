within BioProcess.Interfaces;
partial block PartialInventory "A unit that says what it holds"
  output Units.Volume held_volume "Volume held";
  output Units.CellCount held_cells_viable "Viable cells: held";
  output Units.CellCount held_cells_dead "Dead cells, still whole: held";
  output Units.Mass held_debris "Debris of broken cells: held";
  output Units.Mass held_biomass "Microbial cells, dry mass: held";
  output Units.AmountOfSubstance held_glucose "D-glucose, C6H12O6: held";
  output Units.AmountOfSubstance held_glutamine "L-glutamine, C5H10N2O3: held";
  output Units.AmountOfSubstance held_asparagine "L-asparagine, C4H8N2O3: held";
  output Units.AmountOfSubstance held_amino_acids "Other amino acids, as one mean amino acid: held";
  output Units.AmountOfSubstance held_lactate "Total lactic acid, C3H6O3: held";
  output Units.AmountOfSubstance held_ammonia "Total ammonia, NH3: held";
  output Units.AmountOfSubstance held_carbonate "Total dissolved carbonic acid, H2CO3: held";
  output Units.AmountOfSubstance held_sucrose "Sucrose, C12H22O11: held";
  output Units.Mass held_mab "Monoclonal antibody: held";
  output Units.Mass held_mab_acidic "Acidic charge variants, contained in the antibody: held";
  output Units.Mass held_mab_basic "Basic charge variants, contained in the antibody: held";
  output Units.AmountOfSubstance held_glycan_galactose "Terminal galactose on the antibody: held";
  output Units.AmountOfSubstance held_glycan_high_mannose "High-mannose glycans on the antibody: held";
  output Units.Mass held_mab_aggregate "Aggregates of the antibody: held";
  output Units.Mass held_antigen "Recombinant antigen: held";
  output Units.Mass held_hcp "Host cell protein: held";
  output Units.Mass held_dna "DNA of the host cells: held";
  output Units.Mass held_protein_a "Protein A leached from the resin: held";
  output Units.AmountOfSubstance held_sodium "Sodium ion: held";
  output Units.AmountOfSubstance held_chloride "Chloride ion: held";
  output Units.AmountOfSubstance held_acetate "Total acetic acid, C2H4O2: held";
  output Units.AmountOfSubstance held_tris "Total tris(hydroxymethyl)aminomethane, C4H11NO3: held";
  output Units.AmountOfSubstance held_phosphate "Total phosphoric acid, H3PO4: held";
  output Units.AmountOfSubstance held_citrate "Total citric acid, C6H8O7: held";
  output Units.AmountOfSubstance held_histidine "Total L-histidine, C6H9N3O2: held";
protected
  Species.Amounts held "Amounts held";
equation
  held_cells_viable = held[Species.CellsViable.index];
  held_cells_dead = held[Species.CellsDead.index];
  held_debris = held[Species.Debris.index];
  held_biomass = held[Species.Biomass.index];
  held_glucose = held[Species.Glucose.index];
  held_glutamine = held[Species.Glutamine.index];
  held_asparagine = held[Species.Asparagine.index];
  held_amino_acids = held[Species.AminoAcids.index];
  held_lactate = held[Species.Lactate.index];
  held_ammonia = held[Species.Ammonia.index];
  held_carbonate = held[Species.Carbonate.index];
  held_sucrose = held[Species.Sucrose.index];
  held_mab = held[Species.Mab.index];
  held_mab_acidic = held[Species.MabAcidic.index];
  held_mab_basic = held[Species.MabBasic.index];
  held_glycan_galactose = held[Species.GlycanGalactose.index];
  held_glycan_high_mannose = held[Species.GlycanHighMannose.index];
  held_mab_aggregate = held[Species.MabAggregate.index];
  held_antigen = held[Species.Antigen.index];
  held_hcp = held[Species.Hcp.index];
  held_dna = held[Species.Dna.index];
  held_protein_a = held[Species.ProteinA.index];
  held_sodium = held[Species.Sodium.index];
  held_chloride = held[Species.Chloride.index];
  held_acetate = held[Species.Acetate.index];
  held_tris = held[Species.Tris.index];
  held_phosphate = held[Species.Phosphate.index];
  held_citrate = held[Species.Citrate.index];
  held_histidine = held[Species.Histidine.index];
  annotation(Documentation(info="<html>
<p>What a unit holds, with what went in and out, lets the ledger of a flowsheet close. A component without these outputs
is outside the flowsheet's boundary.</p>
</html>"));
end PartialInventory;
