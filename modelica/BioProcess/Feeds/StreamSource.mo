within BioProcess.Feeds;
model StreamSource "Stream of a given flow and composition, to drive an inlet inside a model"
  extends Icons.UnitOperation;
  input Units.VolumeFlowRate V_flow "Flow";
  input Species.Concentrations c "Composition";
  parameter Units.Temperature T = 298.15 "Temperature: customary";
  Interfaces.LiquidDriver port "To be connected to an inlet";
equation
  port.V_flow = V_flow;
  port.T = T;
  port.c_cells_viable = c[Species.CellsViable.index];
  port.c_cells_dead = c[Species.CellsDead.index];
  port.c_glucose = c[Species.Glucose.index];
  port.c_glutamine = c[Species.Glutamine.index];
  port.c_lactate = c[Species.Lactate.index];
  port.c_ammonia = c[Species.Ammonia.index];
  port.c_carbonate = c[Species.Carbonate.index];
  port.c_mab = c[Species.Mab.index];
  port.c_hcp = c[Species.Hcp.index];
  port.c_sodium = c[Species.Sodium.index];
  port.c_chloride = c[Species.Chloride.index];
  port.c_acetate = c[Species.Acetate.index];
  port.c_tris = c[Species.Tris.index];
  port.c_phosphate = c[Species.Phosphate.index];
end StreamSource;
