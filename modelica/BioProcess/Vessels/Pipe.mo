within BioProcess.Vessels;
model Pipe "Joins an outlet to an inlet inside one model"
  extends Icons.UnitOperation;
  Interfaces.LiquidReceiver from "To be connected to an outlet";
  Interfaces.LiquidDriver to "To be connected to an inlet";
equation
  to.V_flow = from.V_flow;
  to.T = from.T;
  to.c_cells_viable = from.c_cells_viable;
  to.c_cells_dead = from.c_cells_dead;
  to.c_debris = from.c_debris;
  to.c_biomass = from.c_biomass;
  to.c_glucose = from.c_glucose;
  to.c_glutamine = from.c_glutamine;
  to.c_asparagine = from.c_asparagine;
  to.c_amino_acids = from.c_amino_acids;
  to.c_lactate = from.c_lactate;
  to.c_ammonia = from.c_ammonia;
  to.c_carbonate = from.c_carbonate;
  to.c_sucrose = from.c_sucrose;
  to.c_mab = from.c_mab;
  to.c_mab_acidic = from.c_mab_acidic;
  to.c_mab_basic = from.c_mab_basic;
  to.c_glycan_galactose = from.c_glycan_galactose;
  to.c_glycan_high_mannose = from.c_glycan_high_mannose;
  to.c_mab_aggregate = from.c_mab_aggregate;
  to.c_antigen = from.c_antigen;
  to.c_hcp = from.c_hcp;
  to.c_dna = from.c_dna;
  to.c_protein_a = from.c_protein_a;
  to.c_sodium = from.c_sodium;
  to.c_chloride = from.c_chloride;
  to.c_acetate = from.c_acetate;
  to.c_tris = from.c_tris;
  to.c_phosphate = from.c_phosphate;
  to.c_citrate = from.c_citrate;
  to.c_histidine = from.c_histidine;
  annotation(Documentation(info="<html>
<p>Between FMUs a coupling does this, and conserves what it carries. Inside one model a pipe does.</p>
</html>"));
end Pipe;
