within BioProcess.Reactors;
block Perfusion "Reactor with cell retention, bleed and a flow of medium in proportion to the cells"
  extends FedBatch(
    extra_flow=-permeating.V_flow - bleeding.V_flow,
    extra_m_flow=-permeating.m_flow - bleeding.m_flow);
  parameter Units.Volume volume_set(min=1e-5) = volume_start "Volume that the level control keeps";
  parameter Units.Time tau_level(min=1) = 600 "Speed of the level control: calibrated";
  parameter Units.Fraction retention(min=0, max=1) = 1 "Share of cells and debris that the filter keeps back";
  parameter Units.Fraction sieving(min=0, max=1) = 1 "Share of antibody and other proteins that the filter lets through";
  parameter Units.SpecificRate perfusion_min(min=0) = 0 "Least flow of medium per volume";
  parameter Units.SpecificRate perfusion_max(min=0) = 4.63e-5 "Largest flow of medium per volume: 4 volumes a day, calibrated";
  parameter Units.SpecificRate bleed_max(min=0) = 2.3e-5 "Largest bleed per volume: 2 volumes a day, calibrated";
  parameter Units.SpecificRate bleed_gain(min=0) = 2e-5 "Bleed per volume and relative surplus of cells: calibrated";
  parameter Units.Time bleed_time(min=1) = 21600 "Integral time of the bleed: 6 h, calibrated";
  parameter Units.Time tracking_time(min=1) = 600 "Time in which the integral follows limits: customary";
  Interfaces.LiquidOutlet permeate "What passes the filter";
  Interfaces.LiquidOutlet bleed "Broth with cells";
  input Units.CellSpecificFlow cell_specific_rate(start=5.787e-19, min=0, max=1e-17)
    "Flow of medium per viable cell: 50 pL a day";
  input Units.CellConcentration cells_set(start=6e13, min=1e6, max=3e14) "Viable cells that the bleed keeps";
  output Units.VolumeFlowRate medium_flow "Flow of medium that is wanted: to be wired to the source of the feed";
  output Units.SpecificRate perfusion_rate "Flow of medium that is wanted per volume";
  output Units.SpecificRate bleed_rate "Bleed per volume";
  output Units.Fraction cell_fraction "Volume of cells per volume of broth";
protected
  constant Units.Fraction cell_fraction_max = 0.9 "Where the filter is taken to see no more cells: numerical";
  final parameter Integer n_species = 29 "Number of species";
  Units.Fraction passing[n_species] "Share of each species that passes the filter, per liquid";
  Units.SpecificRate bleed_integral(start=0, fixed=true, nominal=1e-5) "Integral part of the bleed";
  Units.SpecificRate bleed_wanted "Bleed per volume without limits";
  Units.VolumeFlowRate permeate_wanted "Permeate that keeps the volume, if there is enough";
  Units.Number surplus "Relative surplus of cells";
  Interfaces.OutletVector permeating "What passes the filter";
  Interfaces.OutletVector bleeding "Broth with cells";
equation
  connect(permeating.port, permeate);
  connect(bleeding.port, bleed);
  assert(perfusion_min <= perfusion_max,
    "perfusion_min must not be above perfusion_max: set the limits the other way round.");
  perfusion_rate = noEvent(min(max(cell_specific_rate*max(c[Species.CellsViable.index], 0), perfusion_min), perfusion_max));
  medium_flow = perfusion_rate*V;
  surplus = c[Species.CellsViable.index]/cells_set - 1;
  bleed_wanted = bleed_gain*surplus + bleed_integral;
  bleed_rate = if bleed_wanted > 0 then noEvent(min(max(bleed_wanted, 0), bleed_max)) else 0;
  der(bleed_integral) = bleed_gain*surplus/bleed_time + (bleed_rate - bleed_wanted)/tracking_time;
  bleeding.V_flow = bleed_rate*V*Vessels.availability(V, volume_small);
  bleeding.T = T_broth;
  bleeding.c = c;
  permeate_wanted = inflow.V_flow + bolus_flow - bleeding.V_flow + (V - volume_set)/tau_level;
  // events, so that nothing flows back by an error of the solver at the bend
  permeating.V_flow = if permeate_wanted > 0 then noEvent(max(permeate_wanted, 0))*Vessels.availability(V, volume_small)
    else 0;
  permeating.T = T_broth;
  cell_fraction = noEvent(min(max(
    Species.CellsViable.volume*c[Species.CellsViable.index] + Species.CellsDead.volume*c[Species.CellsDead.index]
      + Species.Debris.volume*c[Species.Debris.index] + Species.Biomass.volume*c[Species.Biomass.index],
    0), cell_fraction_max));
  passing = ones(n_species)/(1 - cell_fraction) - Species.vector(
    cells_viable=1/(1 - cell_fraction) - (1 - retention), cells_dead=1/(1 - cell_fraction) - (1 - retention),
    debris=1/(1 - cell_fraction) - (1 - retention), biomass=1/(1 - cell_fraction) - (1 - retention),
    mab=(1 - sieving)/(1 - cell_fraction), mab_acidic=(1 - sieving)/(1 - cell_fraction),
    mab_basic=(1 - sieving)/(1 - cell_fraction), glycan_galactose=(1 - sieving)/(1 - cell_fraction),
    glycan_high_mannose=(1 - sieving)/(1 - cell_fraction), mab_aggregate=(1 - sieving)/(1 - cell_fraction),
    antigen=(1 - sieving)/(1 - cell_fraction), hcp=(1 - sieving)/(1 - cell_fraction),
    dna=(1 - sieving)/(1 - cell_fraction));
  for k in 1:Species.n loop
    permeating.c[k] = passing[k]*c[k];
  end for;
  annotation(Documentation(info="<html>
<p>A filter keeps cells back and lets permeate through; a bleed takes broth so that the cells keep their set point; medium
flows in proportion to the viable cells. All loops are inside this model.</p>
<h4>Equations</h4>
<p>Medium: F = CSPR X V within its limits. Bleed: proportional and integral in X/X<sub>set</sub> &minus; 1, without windup.
Permeate: F<sub>feed</sub> + F<sub>bolus</sub> &minus; F<sub>bleed</sub> + (V &minus; V<sub>set</sub>)/&tau;. It carries
c/(1 &minus; &phi;) of what is dissolved, with the share &phi; of the volume that cells take, (1 &minus; retention) c of
cells, and sieving times that of proteins.</p>
<h4>Assumptions</h4>
<p>Well mixed; the filter has no volume and does not foul. What flows is what the source of the feed delivers, so the level
does not depend on how well it follows medium_flow.</p>
<h4>Limitations</h4>
<p>pH as in FedBatch. At cell volumes near half of the broth the model says nothing of viscosity or oxygen.</p>
<h4>Validation</h4>
<p>Test: PerfusionSteadyState, against an independent solution of its steady state.</p>
</html>"));
end Perfusion;
