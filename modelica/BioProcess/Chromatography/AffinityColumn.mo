within BioProcess.Chromatography;
model AffinityColumn "Affinity column for an antibody, with load and buffer inlets"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Integer n_tanks(min=2) = 20
    "Mixed cells in the path of small solutes: calibrated to extra-column dispersion";
  parameter Integer n_cells(min=3) = 60
    "Cells of the protein grid, rounded up to a multiple of n_tanks: numerical, they resolve the front";
  final parameter Integer cells_per_tank = div(n_cells + n_tanks - 1, n_tanks)
    "Cells of the protein grid in each mixed cell";
  parameter Units.Length diameter = 0.6 "Diameter of the bed: flagship process";
  parameter Units.Length length = 0.24 "Length of the bed: flagship process";
  parameter Units.Fraction porosity = 0.65 "Liquid share of the bed for proteins: calibrated";
  parameter Units.Fraction porosity_small = 0.90 "Liquid share of the bed for small solutes: calibrated";
  parameter Units.Length dispersivity = 1e-3
    "Axial dispersion over interstitial velocity: some ten particle diameters, calibrated";
  parameter Units.SpecificRate k_mab = 0.06 "Uptake of antibody: calibrated";
  parameter Units.MassConcentration q_mab = 157
    "Capacity for antibody per volume of solid: 55 g per litre of bed, calibrated";
  parameter Units.MassConcentration K_mab = 0.02 "Half saturation of antibody above pH 6: 0.13 umol/L, calibrated";
  parameter Units.PH pH_mab = 5.7 "Where binding of antibody begins to weaken: calibrated";
  parameter Units.Number slope_mab = 1.5 "Decades per unit of pH: calibrated";
  parameter Units.SpecificRate k_hcp = 0.002 "Uptake of host cell protein: calibrated";
  parameter Units.MassConcentration q_hcp = 0.3 "Capacity for host cell protein per volume of solid: calibrated";
  parameter Units.MassConcentration K_hcp = 0.05 "Half saturation of host cell protein above pH 6: calibrated";
  parameter Units.PH pH_hcp = 5.0 "Where binding of host cell protein begins to weaken: calibrated";
  parameter Units.Number slope_hcp = 1.0 "Decades per unit of pH: calibrated";
  parameter Units.Length path = 0.002 "Path of the UV cell: customary on process skids";
  parameter Units.MassAbsorptivity absorptivity_mab = 140
    "Antibody at 280 nm: 1.4 L/(g.cm), Pace et al. 1995, doi:10.1002/pro.5560041120";
  parameter Units.MassAbsorptivity absorptivity_hcp = 100
    "Host cell protein at 280 nm: 1.0 L/(g.cm), average of proteins, Pace et al. 1995";
  parameter Units.Temperature T = 298.15 "Temperature of the room: customary";
  parameter Data.EquilibrationBuffer storage "What fills the column at the start";
  parameter Units.Time tau_pH = 1
    "Lag of the pH behind the charge balance: numerical, much less than the residence time of a cell";
  parameter Units.PH pH_start = 7.4 "pH of that buffer: customary";
  Interfaces.LiquidInlet load "Load";
  Interfaces.LiquidInlet buffer "Buffer";
  Interfaces.LiquidOutlet outlet "What leaves the column";
  output Units.Volume bed_volume "Volume of the bed";
  output Units.MassConcentration load_density "Antibody loaded since the column was last emptied, per volume of bed";
  output Units.Absorbance uv280 "Absorbance at 280 nm behind the column";
  output Units.Conductivity conductivity "Conductivity behind the column";
  output Units.PH pH "pH behind the column";
  output Units.MassConcentration bound "Bound antibody per volume of bed";
protected
  constant Real pi = 3.14159265358979 "Ratio of a circle's circumference to its diameter";
  constant Units.VolumeFlowRate V_flow_small = 1e-12 "Flow that is as good as none";
  constant Units.Mass m_small = 1e-6 "Antibody that is as good as none";
  final parameter Units.Volume V_bed = pi/4*diameter^2*length "Volume of the bed";
  final parameter Units.Volume V_liquid = porosity_small*V_bed "Liquid in the bed";
  Units.VolumeFlowRate V_flow "Flow through the column";
  Species.Flows m_flow "What enters of each species";
  Species.Amounts m_filter(each start=0, each fixed=true, nominal=Species.c_nominal)
    "What the filter before the column holds back";
  Units.Mass m_loaded(start=0, fixed=true, nominal=1) "Antibody loaded so far";
  discrete Units.Mass m_before(start=0, fixed=true) "Antibody loaded before this cycle";
  BindingColumn mab(
    n=n_tanks*cells_per_tank, bed_volume=V_bed, length=length, porosity=porosity, dispersivity=dispersivity,
    k_ads=k_mab, q_max=q_mab, c_small=1e-2, c_nominal=5, q_nominal=100) "Antibody";
  BindingColumn hcp(
    n=n_tanks*cells_per_tank, bed_volume=V_bed, length=length, porosity=porosity, dispersivity=dispersivity,
    k_ads=k_hcp, q_max=q_hcp, c_small=1e-3, c_nominal=0.1, q_nominal=0.5) "Host cell protein";
  SoluteColumn solutes(
    n=n_tanks, liquid_volume=V_liquid, c_start=Species.vector(
      sodium=storage.sodium, chloride=storage.chloride, acetate=storage.acetate, tris=storage.tris,
      phosphate=storage.phosphate, citrate=storage.citrate, histidine=storage.histidine)) "All that does not bind";
  Species.Flows filtered "What the filter before the column holds back";
  Species.Flows binding "What enters of the species that bind";
  Units.PH pH_tank[n_tanks](each start=pH_start, each fixed=true, each nominal=1) "pH along the path of small solutes";
  Units.SpecificRate k_mab_off[n_tanks] "Release of antibody";
  Units.SpecificRate k_hcp_off[n_tanks] "Release of host cell protein";
  Interfaces.InletVector loading "Load";
  Interfaces.InletVector rinsing "Buffer";
  Interfaces.OutletVector outflow "What leaves the column";
equation
  connect(load, loading.port);
  connect(buffer, rinsing.port);
  connect(outflow.port, outlet);
  assert(
    loading.V_flow > -V_flow_small and rinsing.V_flow > -V_flow_small,
    "The flow through the column turns round. Give load and buffer flows that are positive or zero.");
  V_flow = loading.V_flow + rinsing.V_flow;
  m_flow = loading.m_flow + rinsing.m_flow;
  outflow.V_flow = V_flow;
  outflow.T = T;
  filtered = Species.vector(
    cells_viable=m_flow[Species.CellsViable.index], cells_dead=m_flow[Species.CellsDead.index],
    debris=m_flow[Species.Debris.index], biomass=m_flow[Species.Biomass.index]);
  der(m_filter) = filtered;
  binding = Species.vector(mab=m_flow[Species.Mab.index], hcp=m_flow[Species.Hcp.index]);
  mab.V_flow = V_flow;
  hcp.V_flow = V_flow;
  mab.m_in_flow = m_flow[Species.Mab.index];
  hcp.m_in_flow = m_flow[Species.Hcp.index];
  solutes.V_flow = V_flow;
  solutes.m_in_flow = m_flow - filtered - binding;
  for j in 1:n_tanks loop
    der(pH_tank[j]) = relaxation(pH_tank[j], solutes.c[j, :], tau_pH);
    k_mab_off[j] = k_mab/q_mab*dissociationConstant(pH_tank[j], K_mab, pH_mab, slope_mab);
    k_hcp_off[j] = k_hcp/q_hcp*dissociationConstant(pH_tank[j], K_hcp, pH_hcp, slope_hcp);
    for l in 1:cells_per_tank loop
      mab.k_des[(j - 1)*cells_per_tank + l] = k_mab_off[j];
      hcp.k_des[(j - 1)*cells_per_tank + l] = k_hcp_off[j];
    end for;
  end for;
  outflow.c = solutes.c_out + Species.vector(mab=mab.c_out, hcp=hcp.c_out);
  held = m_filter + solutes.held + Species.vector(mab=mab.m_held, hcp=hcp.m_held);
  held_volume = V_liquid;
  der(m_loaded) = loading.m_flow[Species.Mab.index];
  when mab.m_held < 0.05*(m_loaded - m_before) - m_small then
    m_before = m_loaded;
  end when;
  load_density = (m_loaded - m_before)/V_bed;
  bed_volume = V_bed;
  uv280 = path*(absorptivity_mab*mab.c_out + absorptivity_hcp*hcp.c_out);
  pH = pH_tank[n_tanks];
  conductivity = Media.conductivity(pH_tank[n_tanks], outflow.c);
  bound = mab.m_held/V_bed;
  annotation(Documentation(info="<html>
<p>Antibody and host cell protein bind on a fine grid of cells
(<a href=\"modelica://BioProcess.Chromatography.BindingColumn\">BindingColumn</a>); small solutes pass on a coarser one
(<a href=\"modelica://BioProcess.Chromatography.SoluteColumn\">SoluteColumn</a>) and make the pH there, which sets how
tightly proteins bind. So load, wash, elution and strip differ by nothing but what the buffer is made of.</p>
<h4>Equations</h4>
<p>The pH of each coarse cell runs to where the net charge is zero: dpH/dt = charge/(buffer capacity &middot; &tau;). It is
exact at rest and late by &tau; otherwise. Release: k<sub>des</sub> = k<sub>ads</sub> K(pH)/q<sub>max</sub>, with K from
<a href=\"modelica://BioProcess.Chromatography.dissociationConstant\">dissociationConstant</a>.</p>
<h4>Assumptions</h4>
<p>Uptake is lumped into one rate per protein. The two proteins do not compete. Neither resin nor proteins buffer. A filter
before the column holds back all cells. Both inlets may flow at once. The
column counts as emptied when it holds less than 5 % of what was loaded.</p>
<h4>Limitations</h4>
<p>The resin does not age. Host cell protein is one lump. The flow must not turn round.</p>
</html>"));
end AffinityColumn;
