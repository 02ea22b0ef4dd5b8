within BioProcess.Compartments;
block Reactor "Culture in zones with flows between them"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  extends Interfaces.PartialGasExchange;
  parameter Integer n_zones(min=2) = 6 "Number of zones: numerical";
  parameter Units.VolumeFlowRate exchange_flow[n_zones, n_zones](each min=0) = stackedExchange(n_zones, 0.05)
    "Flow from the zone of the row to the zone of the column, where what enters a zone must leave it: calibrated";
  parameter Units.Fraction volume_share[n_zones](each min=0, each max=1) = ones(n_zones)/n_zones
    "Share of the volume, adding up to 1";
  parameter Units.Fraction feed_share[n_zones](each min=0, each max=1) = only(n_zones, 1)
    "Share of feed and inoculum that enters, adding up to 1";
  parameter Units.Fraction base_share[n_zones](each min=0, each max=1) = only(n_zones, 1)
    "Share of the base that enters, adding up to 1";
  parameter Units.Fraction harvest_share[n_zones](each min=0, each max=1) = only(n_zones, n_zones)
    "Share of the harvest that leaves, adding up to 1";
  parameter Units.Number kLa_share[n_zones](each min=0) = ones(n_zones)
    "Gas transfer of a zone over that of the vessel: calibrated";
  parameter Units.Length depth[n_zones](each min=0) = zeros(n_zones) "Depth of a zone below the surface";
  parameter Units.Volume volume_start(min=1e-4) = 10 "Volume at inoculation: calibrated";
  parameter Units.Volume volume_small(min=1e-6) = 1e-4 "Volume below which the harvest dries up: numerical";
  parameter Units.CellConcentration cells_start(min=0) = 5e12 "Viable cells at inoculation: calibrated";
  parameter Units.Fraction viability_start(min=0.01, max=1) = 0.97 "Viability at inoculation: calibrated";
  parameter Data.CultureMedium medium "Medium at inoculation";
  parameter Units.Temperature T = 309.95 "Temperature, kept by the jacket: 36.8 degC, customary";
  parameter Units.PH pH_start = 7.0 "pH at inoculation: customary";
  parameter Units.Time tau_pH(min=1e-3) = 1
    "Lag of the pH behind the charge balance: numerical, much less than the time of mixing";
  parameter Units.SpecificMolarRate q_oxygen(min=0) = 6.9e-17 "Uptake of oxygen by a cell: 0.25 pmol/h, calibrated";
  parameter Units.Molarity K_oxygen(min=1e-6) = 0.005 "Half saturation of the uptake of oxygen: calibrated";
  parameter Units.HenryConstant H_oxygen(min=1e-8) = 1.07e-5
    "Solubility of oxygen at 36.8 degC: Sander 2015, doi:10.5194/acp-15-4399-2015";
  parameter Units.HenryConstant H_carbonate = 2.43e-4
    "Solubility of carbon dioxide at 36.8 degC: Sander 2015, doi:10.5194/acp-15-4399-2015";
  parameter Units.Number kLa_ratio = 0.89
    "Gas transfer of carbon dioxide over that of oxygen: square root of the diffusivities, Cussler 2009, Diffusion";
  parameter Units.Pressure p_surface = 101325 "Pressure at the surface: customary";
  Interfaces.LiquidInlet feed "Feed";
  Interfaces.LiquidInlet inoculum "What inoculates the reactor";
  Interfaces.LiquidInlet base "Base";
  Interfaces.LiquidOutlet harvest "Harvest";
  input Units.VolumeFlowRate harvest_flow(start=0, min=0, max=0.1) "Harvest flow, as far as there are contents";
  input Units.SpecificRate kLa(start=0.0028, min=0, max=0.02) "Gas transfer of oxygen, mean of the vessel";
  input Units.Fraction gas_oxygen(start=0.21, min=0, max=1) "Oxygen in the gas";
  input Units.Fraction gas_carbonate(start=0.05, min=0, max=1) "Carbon dioxide in the gas";
  output Units.Volume volume "Volume of broth";
  output Units.CellConcentration viable_cells "Viable cells, mean";
  output Units.MassConcentration titre "Antibody, mean";
  output Units.Molarity glucose "Glucose, mean";
  output Units.Molarity glucose_zone[n_zones] "Glucose";
  output Units.PH pH "pH, mean over the zones";
  output Units.PH pH_zone[n_zones](each start=pH_start, each fixed=true, each nominal=1) "pH";
  output Units.Fraction oxygen "Dissolved oxygen over that in equilibrium with air, mean";
  output Units.Fraction oxygen_zone[n_zones] "Dissolved oxygen over that in equilibrium with air at the surface";
  output Units.Fraction oxygen_min "Least dissolved oxygen of all zones";
  output Units.PH pH_min "Least pH of all zones";
  output Units.PH pH_max "Largest pH of all zones";
  output Units.Molarity glucose_max "Largest glucose of all zones";
protected
  constant Units.Fraction oxygen_air = 0.2095 "Oxygen in dry air: CRC Handbook of Chemistry and Physics";
  constant Units.Acceleration g = 9.80665 "Standard gravity";
  constant Units.Density rho = 993 "Water at 37 degC: CRC Handbook of Chemistry and Physics";
  constant Units.VolumeFlowRate V_flow_small = 1e-12 "Flow that is as good as none";
  constant Units.Fraction small = 1e-6 "Largest error of shares: numerical";
  final parameter Integer n_species = 29 "Number of species";
  parameter Species.Concentrations c_start = Species.vector(
    cells_viable=cells_start, cells_dead=cells_start*(1 - viability_start)/viability_start, glucose=medium.glucose,
    glutamine=medium.glutamine, asparagine=medium.asparagine, amino_acids=medium.amino_acids,
    carbonate=medium.carbonate, sodium=medium.sodium, chloride=medium.chloride, phosphate=medium.phosphate)
    "Composition at inoculation";
  BioProcess.Kinetics.MabCulture kinetics[n_zones] "What the cells make and consume";
  Units.Volume V(start=volume_start, fixed=true, nominal=1) "Volume of broth";
  Units.Volume V_zone[n_zones] "Volume of a zone";
  Real m[n_zones, n_species](
    start=zoneAmounts(n_zones, n_species, volume_start*volume_share, c_start),
    each min=0,
    each fixed=true,
    nominal=zoneAmounts(n_zones, n_species, volume_start*volume_share, Species.c_nominal)) "Amounts in a zone [1, mol or kg]";
  Real c[n_zones, n_species] "Concentrations in a zone [1/m3, mol/m3 or kg/m3]";
  Units.AmountOfSubstance n_oxygen[n_zones](
    start=volume_start*volume_share*H_oxygen*oxygen_air*p_surface,
    each fixed=true,
    each nominal=volume_start*0.2/n_zones) "Dissolved oxygen in a zone";
  Units.Molarity c_oxygen[n_zones] "Dissolved oxygen";
  Units.Pressure p[n_zones] "Pressure";
  Units.SpecificRate kLa_zone[n_zones] "Gas transfer";
  Units.MolarVolumetricRate stripped[n_zones] "Carbon dioxide that leaves with the gas";
  Units.VolumeFlowRate out_flow[n_zones] "What a zone sends to the others by exchange";
  Units.VolumeFlowRate spill[n_zones] "What enters a zone beyond its share of growth in volume";
  Units.VolumeFlowRate excess[n_zones] "What is too much, and goes to zones with too little";
  Units.VolumeFlowRate lack[n_zones] "What is too little, and comes from zones with too much";
  Units.VolumeFlowRate spill_total "What zones with too much send to those with too little";
  Real c_spill[n_species] "Concentrations of that";
  Units.Molarity c_oxygen_spill "Dissolved oxygen of that";
  Units.Time age(start=0, fixed=true, nominal=1e5) "Time since inoculation";
  Real made_zone[n_zones, n_species] "Made by cells";
  Real consumed_zone[n_zones, n_species] "Consumed by cells";
  Units.MolarFlowRate supplied_zone[n_zones] "Carbon dioxide that the gas brings";
  Units.MolarFlowRate vented_zone[n_zones] "Carbon dioxide that goes with the gas";
  Interfaces.InletVector feeding "Feed";
  Interfaces.InletVector seeding "Inoculum";
  Interfaces.InletVector dosing "Base";
  Interfaces.OutletVector outflow "Harvest";
equation
  connect(feed, feeding.port);
  connect(inoculum, seeding.port);
  connect(base, dosing.port);
  connect(outflow.port, harvest);
  assert(abs(sum(volume_share) - 1) < small and abs(sum(feed_share) - 1) < small and abs(sum(base_share) - 1) < small
    and abs(sum(harvest_share) - 1) < small,
    "volume_share, feed_share, base_share and harvest_share must each add up to 1.");
  der(age) = 1;
  der(V) = feeding.V_flow + seeding.V_flow + dosing.V_flow - outflow.V_flow;
  outflow.V_flow = noEvent(max(harvest_flow, 0))*Vessels.availability(V, volume_small);
  outflow.T = T;
  spill_total = sum(excess);
  c_oxygen_spill = excess*c_oxygen/noEvent(max(spill_total, V_flow_small));
  for i in 1:n_zones loop
    V_zone[i] = volume_share[i]*noEvent(max(V, volume_small));
    out_flow[i] = sum(exchange_flow[i, :]);
    assert(abs(out_flow[i] - sum(exchange_flow[:, i])) <= 1e-3*out_flow[i] + V_flow_small,
      "The exchange flows of a zone do not balance: the sum of its row and of its column of exchange_flow differ.");
    excess[i] = noEvent(max(spill[i], 0));
    lack[i] = noEvent(max(-spill[i], 0));
    spill[i] = feed_share[i]*(feeding.V_flow + seeding.V_flow) + base_share[i]*dosing.V_flow
      - harvest_share[i]*outflow.V_flow - volume_share[i]*der(V);
    p[i] = p_surface + rho*g*depth[i];
    kLa_zone[i] = kLa*kLa_share[i];
    c_oxygen[i] = n_oxygen[i]/V_zone[i];
    der(n_oxygen[i]) = V_zone[i]*(kLa_zone[i]*(H_oxygen*gas_oxygen*p[i] - c_oxygen[i])
      - q_oxygen*noEvent(max(c[i, Species.CellsViable.index], 0))*c_oxygen[i]/(K_oxygen + noEvent(max(c_oxygen[i], 0))))
      + (exchange_flow[:, i]*c_oxygen - out_flow[i]*c_oxygen[i])
      + feed_share[i]*(feeding.V_flow + seeding.V_flow)*H_oxygen*oxygen_air*p_surface
      - harvest_share[i]*outflow.V_flow*c_oxygen[i] - excess[i]*c_oxygen[i]
      + lack[i]*c_oxygen_spill;
    oxygen_zone[i] = c_oxygen[i]/(H_oxygen*oxygen_air*p_surface);
    der(pH_zone[i]) = Chromatography.relaxation(pH_zone[i], c[i, :], tau_pH);
    stripped[i] = kLa_ratio*kLa_zone[i]
      *(c[i, Species.Carbonate.index]*Media.undissociatedCarbonate(pH_zone[i]) - H_carbonate*gas_carbonate*p[i]);
    supplied_zone[i] = V_zone[i]*noEvent(max(-stripped[i], 0));
    vented_zone[i] = V_zone[i]*noEvent(max(stripped[i], 0));
    kinetics[i].age = age;
    glucose_zone[i] = c[i, Species.Glucose.index];
    for k in 1:Species.n loop
      c[i, k] = noEvent(max(m[i, k], 0))/V_zone[i];
      kinetics[i].c[k] = c[i, k];
      made_zone[i, k] = V_zone[i]*kinetics[i].made[k];
      consumed_zone[i, k] = V_zone[i]*kinetics[i].consumed[k];
      der(m[i, k]) = feed_share[i]*(feeding.m_flow[k] + seeding.m_flow[k]) + base_share[i]*dosing.m_flow[k]
        - harvest_share[i]*outflow.V_flow*c[i, k] + exchange_flow[:, i]*c[:, k] - out_flow[i]*c[i, k]
        - excess[i]*c[i, k] + lack[i]*c_spill[k] + made_zone[i, k] - consumed_zone[i, k]
        + (if k == Species.Carbonate.index then supplied_zone[i] - vented_zone[i] else 0);
    end for;
  end for;
  for k in 1:Species.n loop
    c_spill[k] = excess*c[:, k]/noEvent(max(spill_total, V_flow_small));
    outflow.c[k] = harvest_share*c[:, k];
    made_flow[k] = sum(made_zone[:, k]);
    consumed_flow[k] = sum(consumed_zone[:, k]);
    held[k] = sum(m[:, k]);
  end for;
  supplied_flow = sum(supplied_zone);
  vented_flow = sum(vented_zone);
  held_volume = V;
  volume = V;
  viable_cells = held[Species.CellsViable.index]/noEvent(max(V, volume_small));
  titre = held[Species.Mab.index]/noEvent(max(V, volume_small));
  glucose = held[Species.Glucose.index]/noEvent(max(V, volume_small));
  pH = volume_share*pH_zone;
  oxygen = volume_share*oxygen_zone;
  oxygen_min = noEvent(min(oxygen_zone));
  pH_min = noEvent(min(pH_zone));
  pH_max = noEvent(max(pH_zone));
  glucose_max = noEvent(max(glucose_zone));
  annotation(Documentation(info="<html>
<p>A large reactor is not well mixed. Its volume is cut into zones, each well mixed; liquid flows between them as
computational fluid dynamics, or a guess, says. Feed, inoculum and base enter where they are piped to, so that pH, oxygen
and glucose differ from zone to zone.</p>
<h4>Equations</h4>
<p>dm<sub>i</sub>/dt = &Sigma;<sub>j</sub> (F<sub>ji</sub> c<sub>j</sub> &minus; F<sub>ij</sub> c<sub>i</sub>) + what enters
and leaves + V<sub>i</sub> (r<sub>made</sub> &minus; r<sub>consumed</sub>). Oxygen: transfer k<sub>L</sub>a
(H p<sub>i</sub> y &minus; C) less uptake q X C/(K + C); carbon dioxide alike, with the share of total carbonic acid that is
dissolved gas. The pressure grows with depth. The pH of a zone follows its charge balance with the lag tau_pH.</p>
<h4>Assumptions</h4>
<p>Zones keep their share of the volume: what enters one zone beyond its share of growth spreads over the others. The flow
field does not depend on the volume. Gas has one composition. Feed and inoculum are saturated with air. Carbon dioxide
that leaves with the gas, or comes from it, crosses the boundary of the flowsheet: it counts as out or in.</p>
<h4>Limitations</h4>
<p>Cells take no notice of pH, and of oxygen only in their uptake of it: gradients are shown, not their effect on growth.
No settling, no bubbles, one temperature.</p>
<h4>Validation</h4>
<p>Test: MixingOfZones; a tracer in twelve zones against the matrix exponential of the flow field.</p>
<h4>References</h4>
<p>Compartments from computational fluid dynamics: Delafosse et al. 2014, doi:10.1016/j.ces.2013.11.033. Solubilities:
Sander 2015, doi:10.5194/acp-15-4399-2015.</p>
</html>"));
end Reactor;
