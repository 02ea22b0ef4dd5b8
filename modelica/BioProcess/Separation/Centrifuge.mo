within BioProcess.Separation;
block Centrifuge "Disk-stack centrifuge with continuous discharge of solids"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  parameter Units.Number n_disks(min=0) = 100 "Number of disks: calibrated";
  parameter Units.Length r_outer(min=0) = 0.15 "Outer radius of the disks: calibrated";
  parameter Units.Length r_inner(min=0) = 0.05 "Inner radius of the disks: calibrated";
  parameter Units.AngularVelocity omega(min=0) = 628.3185307179587 "Angular velocity: 6,000 1/min, calibrated";
  parameter Units.Angle angle(min=0.01, max=1.56) = 0.6981317007977318 "Half-angle of the disks: 40 deg, calibrated";
  parameter Units.Number efficiency(min=0) = 0.4
    "Share of the settling area that works: Boychyn et al. 2004, Bioprocess and Biosystems Engineering 26:385";
  parameter Units.Length d_viable(min=0) = 1.6e-5 "Diameter of viable cells: a sphere of 2.25 pL, calibrated";
  parameter Units.Length d_dead(min=0) = 1.0e-5 "Diameter of dead cells, shrunk and broken: calibrated";
  parameter Units.Density delta_rho = 50 "Density of cells less that of the broth: calibrated";
  parameter Units.DynamicViscosity eta(min=1e-6) = 1.0e-3
    "Viscosity of the broth: water at 20 degC, CRC Handbook of Chemistry and Physics";
  parameter Units.Fraction bypass(min=0, max=1) = 0.002
    "Share of the cells that the discharge lets slip into the centrate: calibrated";
  parameter Units.Fraction packing(min=0.01, max=1) = 0.55 "Volume of cells per volume of the solids: calibrated";
  parameter Units.Fraction lysis(min=0, max=1) = 0.02 "Share of the cells that the feed zone breaks: calibrated";
  parameter Units.MassPerCell hcp_cell(min=0) = 1.5e-13 "Host cell protein in a cell: 150 pg, calibrated";
  parameter Units.MassPerCell debris_cell(min=0) = 6.3e-14
    "Debris of a broken cell: 220 pg of dry mass less the protein and the DNA that dissolve, calibrated";
  parameter Units.MassPerCell dna_cell(min=0) = 7e-15 "DNA in a cell: 7 pg, hypodiploid to tetraploid CHO cells, calibrated";
  parameter Units.Length d_debris(min=1e-9) = 5e-7 "Diameter of debris: calibrated";
  parameter Units.Length d_biomass(min=1e-9) = 1.1e-6
    "Diameter of microbial cells: Escherichia coli, 0.7 um3 each, calibrated";
  parameter Data.MicrobialCell cell "What a broken microbial cell leaves behind";
  parameter Units.Fraction intracellular(min=0, max=1) = 1
    "Share of the antigen of whole microbial cells that is inside them: 0, if they secrete it";
  parameter Units.Volume volume_bowl = 0.01 "Volume of the bowl, full of water at the start: calibrated";
  Interfaces.LiquidInlet feed "Broth";
  Interfaces.LiquidOutlet centrate "Clarified liquid";
  Interfaces.LiquidOutlet solids "Cells with the liquid between them";
  output Units.Area sigma "Equivalent settling area";
  output Units.Fraction carry_over "Share of the viable cells that leave with the centrate";
protected
  constant Units.Fraction small = 1e-9 "Volume fraction of cells that is as good as none";
  Species.Amounts m(each start=0, each fixed=true, nominal=0.01*Species.c_nominal) "Amounts in the bowl";
  Species.Concentrations c "Concentrations in the bowl";
  Species.Concentrations c_solids "Concentrations in the solids";
  Units.Fraction phi "Volume fraction of cells and debris, microbial cells too, in the bowl";
  Units.Fraction phi_out "Volume fraction of cells and debris in the bowl that go with the solids";
  Units.Fraction split "Share of the flow that leaves as solids";
  Units.Fraction keep_viable "Share of the viable cells that go with the solids";
  Units.Fraction keep_dead "Share of the dead cells that go with the solids";
  Units.Fraction keep_debris "Share of the debris that goes with the solids";
  Units.Fraction keep_biomass "Share of the microbial cells that go with the solids";
  Units.MassConcentration c_inside "Antigen inside microbial cells";
  Units.Fraction liquid "Liquid in the solids over liquid in the broth";
  Real broken(unit="1/s") "Cells that the feed zone breaks, viable and dead";
  Species.Flows lysed "Cells that the feed zone breaks";
  Interfaces.InletVector inflow "Broth";
  Interfaces.OutletVector clear "Clarified liquid";
  Interfaces.OutletVector sludge "Cells with the liquid between them";
equation
  connect(feed, inflow.port);
  connect(clear.port, centrate);
  connect(sludge.port, solids);
  assert(phi < packing, "The broth holds more cells than the packed solids. Raise packing, or feed fewer cells.");
  sigma = settlingArea(n_disks, r_outer, r_inner, omega, angle);
  keep_viable = (1 - bypass)*(1 - carryOver(inflow.V_flow, sigma, efficiency, d_viable, delta_rho, eta));
  keep_dead = (1 - bypass)*(1 - carryOver(inflow.V_flow, sigma, efficiency, d_dead, delta_rho, eta));
  keep_debris = (1 - bypass)*(1 - carryOver(inflow.V_flow, sigma, efficiency, d_debris, delta_rho, eta));
  keep_biomass = (1 - bypass)*(1 - carryOver(inflow.V_flow, sigma, efficiency, d_biomass, delta_rho, eta));
  carry_over = 1 - keep_viable;
  c = m/volume_bowl;
  phi = Species.CellsViable.volume*c[Species.CellsViable.index] + Species.CellsDead.volume*c[Species.CellsDead.index]
    + Species.Debris.volume*c[Species.Debris.index] + Species.Biomass.volume*c[Species.Biomass.index];
  c_inside = intracellular*Disruption.antigenInside(c, cell.debris)*c[Species.Antigen.index];
  phi_out = keep_viable*Species.CellsViable.volume*c[Species.CellsViable.index]
    + keep_dead*Species.CellsDead.volume*c[Species.CellsDead.index]
    + keep_debris*Species.Debris.volume*c[Species.Debris.index]
    + keep_biomass*Species.Biomass.volume*c[Species.Biomass.index];
  split = phi_out/packing;
  liquid = (1 - packing)/(1 - phi);
  c_solids = liquid*c + Species.vector(
    cells_viable=(keep_viable*packing/noEvent(max(phi_out, small)) - liquid)*c[Species.CellsViable.index],
    cells_dead=(keep_dead*packing/noEvent(max(phi_out, small)) - liquid)*c[Species.CellsDead.index],
    debris=(keep_debris*packing/noEvent(max(phi_out, small)) - liquid)*c[Species.Debris.index],
    biomass=(keep_biomass*packing/noEvent(max(phi_out, small)) - liquid)*c[Species.Biomass.index],
    antigen=(keep_biomass*packing/noEvent(max(phi_out, small)) - liquid)*c_inside);
  sludge.V_flow = split*inflow.V_flow;
  clear.V_flow = inflow.V_flow - sludge.V_flow;
  sludge.c = c_solids;
  clear.c = (c - split*c_solids)/(1 - split);
  sludge.T = inflow.T;
  clear.T = inflow.T;
  lysed = Species.vector(cells_viable=lysis*inflow.m_flow[Species.CellsViable.index],
    cells_dead=lysis*inflow.m_flow[Species.CellsDead.index]);
  consumed_flow = lysed;
  broken = lysed[Species.CellsViable.index] + lysed[Species.CellsDead.index];
  made_flow = Species.vector(hcp=hcp_cell*broken, debris=debris_cell*broken, dna=dna_cell*broken);
  der(m) = inflow.m_flow + made_flow - consumed_flow - clear.m_flow - sludge.m_flow;
  held = m;
  held_volume = volume_bowl;
  annotation(Documentation(info="<html>
<p>The bowl is one mixed volume that stays full. What leaves it is split: cells go with the solids but for those too small
for the flow and those that slip past; the solids are packed cells with broth liquid between them, and that liquid is the
loss of product.</p>
<h4>Equations</h4>
<p>Share of the flow that leaves as solids: the volume fraction of the kept cells over their packing. Settling area:
<a href=\"modelica://BioProcess.Separation.settlingArea\">settlingArea</a>; carry-over:
<a href=\"modelica://BioProcess.Separation.carryOver\">carryOver</a>.</p>
<h4>Assumptions</h4>
<p>Volumes add; discharge is averaged over time; cells broken in the feed zone give their soluble protein and
DNA to the liquid and leave debris, which settles by its own diameter. Microbial cells are hard and do not break;
antigen that is inside them goes where they go, and
<a href=\"modelica://BioProcess.Disruption.antigenInside\">antigenInside</a> says how much that is.</p>
<h4>Limitations</h4>
<p>The bowl starts full of water, which the centrate brings along, and ends full of
broth, which is lost.</p>
</html>"));
end Centrifuge;
