within BioProcess.Interfaces;
connector LiquidInlet "Where a liquid stream enters"
  input Units.VolumeFlowRate V_flow(start=0, min=0) "Flow of the whole stream";
  input Units.Temperature T(start=298.15) "Temperature";
  input Units.CellConcentration c_cells_viable "Viable cells: concentration";
  input Units.CellConcentration c_cells_dead "Dead cells, still whole: concentration";
  input Units.MassConcentration c_debris "Debris of broken cells: concentration";
  input Units.MassConcentration c_biomass "Microbial cells, dry mass: concentration";
  input Units.Molarity c_glucose "D-glucose, C6H12O6: concentration";
  input Units.Molarity c_glutamine "L-glutamine, C5H10N2O3: concentration";
  input Units.Molarity c_asparagine "L-asparagine, C4H8N2O3: concentration";
  input Units.Molarity c_amino_acids "Other amino acids, as one mean amino acid: concentration";
  input Units.Molarity c_lactate "Total lactic acid, C3H6O3: concentration";
  input Units.Molarity c_ammonia "Total ammonia, NH3: concentration";
  input Units.Molarity c_carbonate "Total dissolved carbonic acid, H2CO3: concentration";
  input Units.Molarity c_sucrose "Sucrose, C12H22O11: concentration";
  input Units.MassConcentration c_mab "Monoclonal antibody: concentration";
  input Units.MassConcentration c_mab_acidic "Acidic charge variants, contained in the antibody: concentration";
  input Units.MassConcentration c_mab_basic "Basic charge variants, contained in the antibody: concentration";
  input Units.Molarity c_glycan_galactose "Terminal galactose on the antibody: concentration";
  input Units.Molarity c_glycan_high_mannose "High-mannose glycans on the antibody: concentration";
  input Units.MassConcentration c_mab_aggregate "Aggregates of the antibody: concentration";
  input Units.MassConcentration c_antigen "Recombinant antigen: concentration";
  input Units.MassConcentration c_hcp "Host cell protein: concentration";
  input Units.MassConcentration c_dna "DNA of the host cells: concentration";
  input Units.MassConcentration c_protein_a "Protein A leached from the resin: concentration";
  input Units.Molarity c_sodium "Sodium ion: concentration";
  input Units.Molarity c_chloride "Chloride ion: concentration";
  input Units.Molarity c_acetate "Total acetic acid, C2H4O2: concentration";
  input Units.Molarity c_tris "Total tris(hydroxymethyl)aminomethane, C4H11NO3: concentration";
  input Units.Molarity c_phosphate "Total phosphoric acid, H3PO4: concentration";
  input Units.Molarity c_citrate "Total citric acid, C6H8O7: concentration";
  input Units.Molarity c_histidine "Total L-histidine, C6H9N3O2: concentration";
  annotation(Documentation(info="<html>
<p>The sender sets the flow. Concentrations are per volume of the whole stream and keep their last value at zero flow.</p>
</html>"));
end LiquidInlet;
