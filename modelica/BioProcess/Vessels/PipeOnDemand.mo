within BioProcess.Vessels;
model PipeOnDemand "Joins an outlet on demand to an inlet inside one model"
  extends Icons.UnitOperation;
  input Units.VolumeFlowRate demand(min=0) "Flow asked for";
  Interfaces.LiquidReceiverOnDemand from "To be connected to an outlet on demand";
  Interfaces.LiquidDriver to "To be connected to an inlet";
equation
  from.demand = demand;
  to.V_flow = from.V_flow;
  to.T = from.T;
  to.c_cells_viable = from.c_cells_viable;
  to.c_cells_dead = from.c_cells_dead;
  to.c_glucose = from.c_glucose;
  to.c_glutamine = from.c_glutamine;
  to.c_lactate = from.c_lactate;
  to.c_ammonia = from.c_ammonia;
  to.c_carbonate = from.c_carbonate;
  to.c_mab = from.c_mab;
  to.c_hcp = from.c_hcp;
  to.c_sodium = from.c_sodium;
  to.c_chloride = from.c_chloride;
  to.c_acetate = from.c_acetate;
  to.c_tris = from.c_tris;
  to.c_phosphate = from.c_phosphate;
end PipeOnDemand;
