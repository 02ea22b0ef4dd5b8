within BioProcess.Vessels;
block Valve "Three-way valve: all of the stream goes one way or the other"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  Interfaces.LiquidInlet inlet "Inlet";
  Interfaces.LiquidOutlet collect "Outlet while collecting";
  Interfaces.LiquidOutlet rest "Outlet while not collecting";
  input Boolean collecting(start=false) "The stream goes to collect";
protected
  Interfaces.InletVector inflow "Inlet";
  Interfaces.OutletVector collected "Outlet while collecting";
  Interfaces.OutletVector other "Outlet while not collecting";
equation
  connect(inlet, inflow.port);
  connect(collected.port, collect);
  connect(other.port, rest);
  collected.V_flow = if collecting then inflow.V_flow else 0;
  other.V_flow = if collecting then 0 else inflow.V_flow;
  collected.T = inflow.T;
  other.T = inflow.T;
  collected.c = inflow.c;
  other.c = inflow.c;
  held = zeros(Species.n);
  held_volume = 0;
  annotation(Documentation(info="<html>
<p>The valve holds nothing and switches at once.</p>
</html>"));
end Valve;
