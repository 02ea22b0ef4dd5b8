within BioProcess.Feeds;
block Supply "Liquid of one composition, as much as is asked for"
  extends Icons.UnitOperation;
  parameter Units.Temperature T = 298.15 "Temperature: customary";
  Interfaces.LiquidOutletOnDemand outlet "Liquid";
  input Units.VolumeFlowRate demand(start=0, min=0, max=0.01) "Flow asked for at the outlet, in addition to outlet.demand";
protected
  parameter Species.Concentrations c_supplied = zeros(Species.n) "Composition";
  Interfaces.OutletOnDemandVector outflow "Liquid";
equation
  connect(outflow.port, outlet);
  outflow.V_flow = noEvent(max(demand + outflow.demand, 0));
  outflow.T = T;
  outflow.c = c_supplied;
  annotation(Documentation(info="<html>
<p>A source is outside the boundary of the flowsheet: what it sends is what comes in. It never runs dry.</p>
</html>"));
end Supply;
