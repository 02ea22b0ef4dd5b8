within BioProcess.Chromatography;
partial block PartialPackedColumn "Column on a skid: two inlets, the path of small solutes, ageing, what instruments read"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Integer n_tanks(min=2) = 20
    "Mixed cells in the path of small solutes: calibrated to extra-column dispersion";
  parameter Integer n_cells(min=3) = 60
    "Cells of the protein grid, rounded up to a multiple of n_tanks: numerical, they resolve the front";
  final parameter Integer cells_per_tank = div(n_cells + n_tanks - 1, n_tanks)
    "Cells of the protein grid in each mixed cell";
  parameter Units.Length diameter(min=1e-3, max=3) = 0.6 "Diameter of the bed: flagship process";
  parameter Units.Length length(min=1e-3, max=2) = 0.24 "Length of the bed: flagship process";
  parameter Units.Fraction porosity(min=0.05, max=0.98) = 0.65 "Liquid share of the bed for proteins: calibrated";
  parameter Units.Fraction porosity_small(min=0.05, max=1) = 0.90
    "Liquid share of the bed for small solutes: calibrated";
  parameter Units.Length dispersivity(min=0) = 1e-3
    "Axial dispersion over interstitial velocity: some ten particle diameters, calibrated";
  parameter Units.Length path(min=0) = 0.002 "Path of the UV cell: customary on process skids";
  parameter Units.MassAbsorptivity absorptivity_mab(min=0) = 140
    "Antibody at 280 nm: 1.4 L/(g.cm), Pace et al. 1995, doi:10.1002/pro.5560041120";
  parameter Units.MassAbsorptivity absorptivity_hcp(min=0) = 100
    "Other protein at 280 nm: 1.0 L/(g.cm), average of proteins, Pace et al. 1995";
  parameter Units.Temperature T = 298.15 "Temperature of the room: customary";
  parameter Units.Time tau_pH(min=1e-3) = 1
    "Lag of the pH behind the charge balance: numerical, much less than the residence time of a cell";
  parameter Units.PH pH_start(min=0, max=14) = 7.4 "pH of that buffer: customary";
  parameter Units.Length d_particle(min=1e-6) = 8.5e-5 "Diameter of the particles: customary of agarose";
  parameter Units.Fraction porosity_bed(min=0.2, max=0.6) = 0.35 "Share of the bed between the particles: customary";
  parameter Units.DynamicViscosity viscosity(min=1e-6) = 8.9e-4 "Of the liquid: water at 25 degC, CRC Handbook of Chemistry and Physics";
  parameter Units.Density density(min=1e-6) = 997 "Of the liquid: water at 25 degC, CRC Handbook of Chemistry and Physics";
  parameter Units.Fraction loss_cycle(min=0, max=1) = 0 "Capacity lost in each cycle, of what is left";
  parameter Units.AlkaliLossRate loss_caustic(min=0) = 0 "Capacity lost to alkali, of what is left, per hydroxide and time";
  parameter Units.Fraction fouling_cycle(min=0) = 0 "Resistance to flow added by each cycle, of that of a new bed";
  parameter Real fouling_debris(unit="m2/kg", min=0) = 0
    "Resistance to flow added by debris on the cross section, of that of a new bed";
  Interfaces.LiquidInlet load "Load";
  Interfaces.LiquidInlet buffer "Buffer";
  Interfaces.LiquidOutlet outlet "What leaves the column";
  output Units.Volume bed_volume "Volume of the bed";
  output Units.MassConcentration load_density "Product, antibody and antigen, loaded since the column was last emptied, per volume of bed";
  output Units.Absorbance uv280 "Absorbance at 280 nm behind the column";
  output Units.Conductivity conductivity "Conductivity behind the column";
  output Units.PH pH "pH behind the column";
  output Units.MassConcentration bound "Product in the column per volume of bed";
  output Units.Number cycles "Times that the column was loaded and emptied";
  output Units.Fraction capacity "Capacity that is left of that of a new resin";
  output Units.Pressure pressure_drop "Pressure drop over the bed";
  Species.Concentrations c_outlet "What leaves the column";
  Species.Amounts contents "What is in the column";
protected
  constant Real pi = 3.14159265358979 "Ratio of a circle's circumference to its diameter";
  constant Units.VolumeFlowRate V_flow_load = 1e-9 "Flow above which a load has begun: numerical, well above the hysteresis of events";
  constant Units.Mass m_small = 1e-6 "Product that is as good as none";
  constant Units.Molarity hydroxide = 1e-11 "Hydroxide at pH 0: ionic product of water over 1 mol/L, CRC Handbook of Chemistry and Physics";
  parameter Species.Concentrations c_storage "What fills the column at the start";
  final parameter Units.Area A_bed = pi/4*diameter^2 "Cross section of the bed";
  final parameter Units.Volume V_bed = pi/4*diameter^2*length "Volume of the bed";
  final parameter Units.Volume V_liquid = porosity_small*V_bed "Liquid in the bed";
  Units.VolumeFlowRate V_flow "Flow through the column";
  Species.Flows m_flow "What enters of each species";
  Species.Flows filtered "What the filter before the column holds back";
  Species.Flows binding "What enters of the species that bind, in part or all of them";
  Species.Concentrations c_binding "What leaves of those";
  Species.Amounts held_binding "What is in the bed of those";
  Boolean is_loading "= true, while the load flows";
  Boolean is_emptied "= true, if a strip or an elution has emptied the column of what was loaded";
  Species.Amounts m_filter(each start=0, each fixed=true, nominal=Species.c_nominal)
    "What the filter before the column holds back";
  Units.Mass m_loaded(start=0, fixed=true, nominal=1) "Product loaded so far";
  Real exposure(unit="mol.s/m3", start=0, fixed=true, nominal=1e3) "Hydroxide in the column, over time";
  discrete Units.Mass m_before(start=0, fixed=true) "Product loaded before this cycle";
  discrete Units.Fraction capacity_now(start=1, fixed=true) "Capacity since the last load began";
  discrete Units.Number cycles_now(start=0, fixed=true) "Cycles so far";
  SoluteColumn solutes(n=n_tanks, liquid_volume=V_liquid, c_start=c_storage) "All that does not bind";
  Units.PH pH_tank[n_tanks](each start=pH_start, each fixed=true, each nominal=1) "pH along the path of small solutes";
  Units.Molarity hydroxide_tank[n_tanks] "Hydroxide along the path of small solutes";
  Interfaces.InletVector loading "Load";
  Interfaces.InletVector rinsing "Buffer";
  Interfaces.OutletVector outflow "What leaves the column";
equation
  connect(load, loading.port);
  connect(buffer, rinsing.port);
  connect(outflow.port, outlet);
  V_flow = loading.V_flow + rinsing.V_flow;
  m_flow = loading.m_flow + rinsing.m_flow;
  outflow.V_flow = V_flow;
  outflow.T = T;
  c_outlet = solutes.c_out + c_binding;
  outflow.c = c_outlet;
  filtered = Species.vector(
    cells_viable=m_flow[Species.CellsViable.index], cells_dead=m_flow[Species.CellsDead.index],
    debris=m_flow[Species.Debris.index], biomass=m_flow[Species.Biomass.index]);
  der(m_filter) = filtered;
  solutes.V_flow = V_flow;
  solutes.m_in_flow = m_flow - filtered - binding;
  for j in 1:n_tanks loop
    der(pH_tank[j]) = relaxation(pH_tank[j], solutes.c[j, :], tau_pH);
    hydroxide_tank[j] = hydroxide*10^pH_tank[j];
  end for;
  contents = m_filter + solutes.held + held_binding;
  held = contents;
  held_volume = V_liquid;
  der(m_loaded) = loading.m_flow[Species.Mab.index] + loading.m_flow[Species.Antigen.index];
  is_loading = loading.V_flow > V_flow_load;
  when is_emptied and not is_loading then
    m_before = m_loaded;
    cycles_now = pre(cycles_now) + 1;
  end when;
  when is_loading then
    capacity_now = capacity;
  end when;
  cycles = cycles_now;
  der(exposure) = sum(hydroxide_tank)/n_tanks;
  capacity = (1 - loss_cycle)^cycles_now*exp(-loss_caustic*exposure);
  pressure_drop = (1 + fouling_cycle*cycles_now + fouling_debris*m_filter[Species.Debris.index]/A_bed)
    *pressureDrop(V_flow/A_bed, length, d_particle, porosity_bed, viscosity, density);
  load_density = (m_loaded - m_before)/V_bed;
  bed_volume = V_bed;
  uv280 = path*(absorptivity_mab*(c_binding[Species.Mab.index] + c_binding[Species.MabAggregate.index])
    + absorptivity_hcp*(c_binding[Species.Hcp.index] + c_binding[Species.Antigen.index]));
  pH = pH_tank[n_tanks];
  conductivity = Media.conductivity(pH_tank[n_tanks], outflow.c);
  bound = (held_binding[Species.Mab.index] + held_binding[Species.Antigen.index])/V_bed;
  annotation(Documentation(info="<html>
<p>What all columns of the plant share. Small solutes pass on a coarse grid of mixed cells
(<a href=\"modelica://BioProcess.Chromatography.SoluteColumn\">SoluteColumn</a>) and make the pH there, which sets how
tightly proteins bind; those that extend it add the proteins.</p>
<h4>Equations</h4>
<p>The pH of each coarse cell runs to where the net charge is zero: dpH/dt = charge/(buffer capacity &middot; &tau;). It is
exact at rest and late by &tau; otherwise.</p>
<p>Capacity left of a resin: (1 &minus; loss<sub>cycle</sub>)<sup>cycles</sup> exp(&minus;loss<sub>caustic</sub> &int;
[OH<sup>&minus;</sup>] dt), the mean over the bed; it counts from the next load on. Pressure:
<a href=\"modelica://BioProcess.Chromatography.pressureDrop\">pressureDrop</a> times 1 + fouling, which grows with the
cycles and with the debris that the filter before the column holds back.</p>
<h4>Assumptions</h4>
<p>Neither resin nor proteins buffer. A filter before the column holds back all cells. Both inlets may flow at once. Ageing
does not depend on the buffers other than by their hydroxide. A cycle is over when the column is empty and no load flows.
Pressure is not transmitted.</p>
<h4>Limitations</h4>
<p>The flow must not turn round.</p>
</html>"));
end PartialPackedColumn;
