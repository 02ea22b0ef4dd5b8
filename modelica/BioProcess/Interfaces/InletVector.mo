within BioProcess.Interfaces;
model InletVector "An inlet as vectors over the species"
  LiquidInlet port "The inlet";
  Units.VolumeFlowRate V_flow "Flow of the whole stream";
  Units.Temperature T "Temperature";
  Species.Concentrations c "Concentrations";
  Species.Flows m_flow "What enters of each species";
equation
  V_flow = port.V_flow;
  T = port.T;
  c[Species.CellsViable.index] = port.c_cells_viable;
  c[Species.CellsDead.index] = port.c_cells_dead;
  c[Species.Glucose.index] = port.c_glucose;
  c[Species.Glutamine.index] = port.c_glutamine;
  c[Species.Lactate.index] = port.c_lactate;
  c[Species.Ammonia.index] = port.c_ammonia;
  c[Species.Carbonate.index] = port.c_carbonate;
  c[Species.Mab.index] = port.c_mab;
  c[Species.Hcp.index] = port.c_hcp;
  c[Species.Sodium.index] = port.c_sodium;
  c[Species.Chloride.index] = port.c_chloride;
  c[Species.Acetate.index] = port.c_acetate;
  c[Species.Tris.index] = port.c_tris;
  c[Species.Phosphate.index] = port.c_phosphate;
  m_flow = V_flow*c;
end InletVector;
