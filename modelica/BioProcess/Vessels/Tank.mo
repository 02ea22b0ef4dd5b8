within BioProcess.Vessels;
block Tank "Well-mixed tank with outflow on demand"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Units.Volume volume_start = 0 "Volume at the start";
  parameter Units.Temperature T_start = 298.15 "Temperature at the start: customary";
  parameter Units.Volume volume_small(min=1e-6) = 1e-4 "Volume below which the outflow dries up: numerical";
  Interfaces.LiquidInlet inlet "Inlet";
  Interfaces.LiquidOutletOnDemand outlet "Outlet";
  input Units.VolumeFlowRate demand(start=0, min=0, max=0.01) "Flow asked for at the outlet, in addition to outlet.demand";
  output Units.Volume volume "Volume of liquid";
  output Units.MassConcentration titre "Product: antibody and antigen";
protected
  parameter Species.Concentrations c_start = zeros(Species.n) "Composition at the start";
  Units.Volume V(start=volume_start, fixed=true, nominal=1) "Volume of liquid";
  Species.Amounts m(start=volume_start*c_start, each fixed=true, nominal=Species.c_nominal) "Amounts";
  Species.Concentrations c "Concentrations";
  Species.Flows ageing_flow = zeros(Species.n) "What a derived model makes of the contents, less what it consumes";
  Units.Enthalpy H(start=0, fixed=true, nominal=1e7) "Enthalpy above that at T_start";
  Units.Temperature T "Temperature";
  Interfaces.InletVector inflow "Inlet";
  Interfaces.OutletOnDemandVector outflow "Outlet";
equation
  connect(inlet, inflow.port);
  connect(outlet, outflow.port);
  der(V) = inflow.V_flow - outflow.V_flow;
  der(m) = inflow.m_flow - outflow.m_flow + ageing_flow;
  der(H) = Media.volumetricHeatCapacity*(inflow.V_flow*(inflow.T - T_start) - outflow.V_flow*(T - T_start));
  T = T_start + H/(Media.volumetricHeatCapacity*noEvent(max(V, volume_small)));
  for k in 1:Species.n loop
    c[k] = noEvent(max(m[k], 0))/noEvent(max(V, volume_small));
  end for;
  outflow.V_flow = noEvent(max(demand + outflow.demand, 0))*availability(V, volume_small);
  outflow.T = T;
  outflow.c = c;
  held = m;
  held_volume = V;
  volume = V;
  titre = c[Species.Mab.index] + c[Species.Antigen.index];
  annotation(Documentation(info="<html>
<p>Well mixed and adiabatic; nothing decays unless a derived model says so. What is asked for flows as long as there are contents, and dries up smoothly
below volume_small.</p>
</html>"));
end Tank;
