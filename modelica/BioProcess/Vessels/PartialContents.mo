within BioProcess.Vessels;
partial block PartialContents "Well-mixed contents with an inlet, additions and conversion"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  parameter Units.Volume volume_start(min=0) = 0 "Volume at the start";
  parameter Units.MassConcentration mab_start(min=0) = 0 "Antibody at the start";
  parameter Data.Buffer buffer_start(sodium=0, chloride=0, acetate=0, tris=0, phosphate=0) "Buffer at the start";
  parameter Units.Temperature T_start(min=273.15) = 298.15 "Temperature at the start: customary";
  parameter Units.Volume heel(min=0) = 0 "Volume that does not drain";
  parameter Units.Volume volume_small(min=1e-9) = 1e-4 "Volume above the heel over which the outflow dries up: numerical";
  Interfaces.LiquidInlet inlet "Inlet";
  output Units.Volume volume "Volume of liquid";
  output Units.MassConcentration titre "Product: antibody and antigen";
  output Units.PH pH "pH";
  output Units.Fraction hcp_per_mab "Host cell protein over product";
  output Units.Volume made_volume_total "Volume of the additions so far";
protected
  constant Units.Mass m_small = 1e-9 "Antibody that is as good as none";
  parameter Species.Concentrations c_start = Species.vector(mab=mab_start, sodium=buffer_start.sodium,
    chloride=buffer_start.chloride, acetate=buffer_start.acetate, tris=buffer_start.tris,
    phosphate=buffer_start.phosphate, citrate=buffer_start.citrate, histidine=buffer_start.histidine)
    "Composition at the start";
  Units.Volume V(start=volume_start, fixed=true, nominal=1) "Volume of liquid";
  Species.Amounts m(start=volume_start*c_start, each fixed=true, nominal=Species.c_nominal) "Amounts in the liquid";
  Species.Concentrations c "Concentrations";
  Units.Enthalpy H(start=0, fixed=true, nominal=1e7) "Enthalpy above that at T_start";
  Units.Temperature T "Temperature";
  Units.Volume V_added(start=0, fixed=true, nominal=1) "Volume of the additions so far";
  Units.VolumeFlowRate addition_flow "Flow of the additions, which come at T_start";
  Units.HeatFlowRate heat_flow "Heat from a jacket";
  Units.VolumeFlowRate leaving_flow "What leaves";
  Species.Flows leaving_m_flow "What leaves of each species";
  Units.Fraction contents "Share of a flow asked for that the contents can meet";
  Interfaces.InletVector inflow "Inlet";
equation
  connect(inlet, inflow.port);
  der(V) = inflow.V_flow + addition_flow - leaving_flow;
  der(V_added) = addition_flow;
  der(m) = inflow.m_flow + made_flow - consumed_flow - leaving_m_flow;
  der(H) = Media.volumetricHeatCapacity*(inflow.V_flow*(inflow.T - T_start) - leaving_flow*(T - T_start)) + heat_flow;
  T = T_start + H/(Media.volumetricHeatCapacity*noEvent(max(V, volume_small)));
  for k in 1:Species.n loop
    c[k] = noEvent(max(m[k], 0))/noEvent(max(V, volume_small));
  end for;
  contents = availability(V - heel, volume_small);
  held_volume = V;
  made_volume_total = V_added;
  volume = V;
  titre = c[Species.Mab.index] + c[Species.Antigen.index];
  hcp_per_mab = m[Species.Hcp.index]/noEvent(max(m[Species.Mab.index] + m[Species.Antigen.index], m_small));
  annotation(Documentation(info="<html>
<p>Amounts and volume are the states, so the balances close to round-off. What is added from outside the flowsheet (acid,
base, stock solutions, rinses) counts as made.</p>
<h4>Equations</h4>
<p>dV/dt = F<sub>in</sub> + F<sub>added</sub> &minus; F<sub>out</sub>; dm/dt = F<sub>in</sub> c<sub>in</sub> + made
&minus; consumed &minus; leaving; c = m/V.</p>
<h4>Assumptions</h4>
<p>Well mixed, volumes add, no heat but from a jacket. What leaves dries up smoothly over volume_small above the heel.</p>
</html>"));
end PartialContents;
