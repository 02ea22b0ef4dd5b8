within BioProcess.Filtration;
partial block PartialFilter "Dead-end filter that clogs and holds some species back"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Units.Area area(min=1e-4) "Area of the filter";
  parameter Units.Volume volume_hold(min=1e-6) "Liquid that stays in the housing, water at the start";
  parameter Units.Velocity J_clean(min=1e-8) "Flux of the clean filter at p_nominal";
  parameter Units.Pressure p_nominal(min=1) "Pressure difference at which J_clean is stated";
  parameter Units.SpecificRate K_complete(min=0) = 0 "Constant of complete blocking";
  parameter Units.BlockingConstant K_standard(min=0) = 0 "Constant of standard blocking";
  parameter Units.BlockingConstant K_intermediate(min=0) = 0 "Constant of intermediate blocking";
  parameter Units.CakeConstant K_cake(min=0) = 0 "Constant of cake filtration";
  parameter Units.Temperature T = 298.15 "Temperature of the room: customary";
  Interfaces.LiquidInletWithDemand feed "Feed";
  Interfaces.LiquidInlet buffer "Buffer that flushes the filter";
  Interfaces.LiquidOutlet permeate "What passes the filter";
  input Units.Pressure pressure(start=0, min=0, max=5e5) "Pressure difference to filter at; zero asks for no feed";
  output Units.Velocity flux "Flux";
  output Units.Pressure pressure_drop "Pressure difference that the flow needs";
  output Units.Fraction relative_flux "Flux over that of the clean filter, at the same pressure";
  output Units.Length throughput "Volume filtered per area";
protected
  parameter Species.Concentrations retention = zeros(Species.n)
    "Share of each species that the fresh filter holds back";
  parameter Species.Amounts filling = zeros(Species.n)
    "One over the amount at which the filter holds back no more, zero where it never fills";
  parameter Species.Amounts with_mab = Species.vector(
    mab_acidic=1, mab_basic=1, glycan_galactose=1, glycan_high_mannose=1) "One for what is part of the antibody";
  constant Units.Fraction flux_small = 1e-4 "Relative flux below which the filter asks for no feed: numerical";
  Units.Volume V_filtered(start=0, fixed=true, nominal=1) "Volume filtered so far";
  Species.Amounts m(each start=0, each fixed=true, nominal=0.01*Species.c_nominal) "Amounts in the housing";
  Species.Amounts m_retained(each start=0, each fixed=true, nominal=0.01*Species.c_nominal) "Amounts held back";
  Species.Concentrations c "Concentrations in the housing";
  Species.Concentrations own "Share of each species that would be held back if it were not part of another";
  Species.Flows retained "What is held back";
  Interfaces.InletWithDemandVector inflow "Feed";
  Interfaces.InletVector rinsing "Buffer";
  Interfaces.OutletVector outflow "What passes the filter";
equation
  connect(feed, inflow.port);
  connect(buffer, rinsing.port);
  connect(outflow.port, permeate);
  throughput = V_filtered/area;
  relative_flux = relativeFlux(throughput, J_clean, K_complete, K_standard, K_intermediate, K_cake);
  inflow.demand = if pressure > 0 then area*J_clean*pressure/p_nominal*relative_flux else 0;
  outflow.V_flow = inflow.V_flow + rinsing.V_flow;
  outflow.T = T;
  flux = outflow.V_flow/area;
  pressure_drop = p_nominal*flux/(J_clean*noEvent(max(relative_flux, flux_small)));
  der(V_filtered) = outflow.V_flow;
  c = m/volume_hold;
  for k in 1:Species.n loop
    own[k] = retention[k]*noEvent(max(1 - m_retained[k]*filling[k], 0));
    retained[k] = (own[k] + with_mab[k]*own[Species.Mab.index])*(inflow.m_flow[k] + rinsing.m_flow[k]);
    outflow.c[k] = c[k];
    der(m[k]) = inflow.m_flow[k] + rinsing.m_flow[k] - retained[k] - outflow.m_flow[k];
    der(m_retained[k]) = retained[k];
    held[k] = m[k] + m_retained[k];
  end for;
  held_volume = volume_hold;
  annotation(Documentation(info="<html>
<p>All of the liquid passes the filter. The housing is one mixed volume that stays full. Species are held back in
proportion to what arrives, less and less as the filter fills.</p>
<h4>Equations</h4>
<p>At a given pressure the filter asks for A J<sub>0</sub> p/p<sub>0</sub> f(v) of feed, with f from
<a href=\"modelica://BioProcess.Filtration.relativeFlux\">relativeFlux</a>; at a given flow it needs the pressure
p<sub>0</sub> J/(J<sub>0</sub> f). Held back: r max(0, 1 &minus; m/capacity) of what enters; charge and
glycan variants with the antibody they are part of.</p>
<h4>Assumptions</h4>
<p>The flux is in proportion to the pressure. The filter clogs with the volume that has
passed, whatever is in it. The volume of what is held back does not count.</p>
<h4>Limitations</h4>
<p>No temperature dependence of the viscosity. The flow must not turn round.</p>
<h4>Validation</h4>
<p>Test: BlockingLaws.</p>
</html>"));
end PartialFilter;
