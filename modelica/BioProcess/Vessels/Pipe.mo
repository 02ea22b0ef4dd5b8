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
  annotation(Documentation(info="<html>
<p>Between FMUs a coupling does this, and conserves what it carries. Inside one model a pipe does.</p>
</html>"));
end Pipe;
