within BioProcess.SeedTrain;
block Vessel "Vessel of a seed train: receives cells, tops up with medium, grows, sends on what is needed"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  extends Interfaces.PartialGasExchange;
  parameter Units.Volume volume_max(min=1e-6, max=100) = 0.3 "Working volume: flagship process";
  parameter Units.CellConcentration density(min=1e9, max=1e15) = 4e11
    "Viable cells after the dilution, by rule density: 0.4e6 per mL, customary";
  parameter Units.Number dilution(min=1, max=1e4) = 5
    "Volume after over volume before the dilution, by rule ratio: customary";
  parameter Units.CellCount cells_next(min=0, max=1e18) = 7.5e11
    "Viable cells that the next vessel needs, by rule density: 1,500 L at 0.5e6 per mL, flagship process";
  parameter Units.Fraction split(min=0, max=1) = 1 "Share of the broth that is sent on, by rule ratio";
  parameter Units.VolumeFlowRate medium_flow(min=0, max=1) = 1e-4 "Flow of the medium while topping up: calibrated";
  parameter Units.Temperature T = 309.95 "Temperature: 36.8 degC, customary";
  parameter Units.PH pH_set(min=6, max=8) = 7.0 "pH that carbon dioxide holds: customary";
  parameter Units.SpecificRate k_pH(min=0) = 1e-3 "Speed at which carbon dioxide is exchanged: calibrated";
  parameter Data.CultureMedium medium "Medium";
  parameter Units.Volume volume_start(min=0, max=100) = 0 "Volume of cells in their medium at the start";
  parameter Units.CellConcentration cells_start(min=0, max=1e16) = 0 "Viable cells at the start";
  parameter Units.Fraction viability_start(min=0.01, max=1) = 1 "Viable share of the cells at the start";
  Interfaces.LiquidInlet inoculum "What is passed on to this vessel";
  Interfaces.LiquidOutlet outlet "What this vessel passes on";
  input Types.SplitRule rule(start=Types.SplitRule.density) "How the passage is split";
  input Units.VolumeFlowRate transfer_flow(start=0, min=0, max=1) "Flow while the broth is passed on";
  output Units.Volume volume "Volume of broth";
  output Units.CellConcentration viable_cells "Viable cells";
  output Units.Fraction viability "Viable share of the cells, 1 without cells";
  output Units.Molarity glucose "Glucose";
  output Units.PH pH "pH";
  output Units.Volume inoculum_volume "Broth that is still to be sent on";
  output Units.Volume medium_volume "Medium that is still to come";
  output Units.Number doublings "Doublings of the cells since they arrived";
  output Units.Volume made_volume_total "Volume of the medium so far";
  Kinetics.LaggedCulture kinetics "What the cells make and consume";
protected
  parameter Units.Volume volume_small = 1e-5*volume_max "Volume that is as good as none: numerical";
  constant Units.CellConcentration X_small = 1 "Density of cells that is as good as none";
  constant Units.Molarity c_small = 0.1 "Carbonate below which no more can be stripped: numerical";
  Species.Concentrations c_medium "Composition of the medium";
  Species.Concentrations c "Concentrations in the broth";
  Species.Amounts m(
    start=volume_start*Species.vector(cells_viable=cells_start,
      cells_dead=cells_start*(1 - viability_start)/viability_start, glucose=medium.glucose, glutamine=medium.glutamine,
      asparagine=medium.asparagine, amino_acids=medium.amino_acids, carbonate=medium.carbonate, sodium=medium.sodium,
      chloride=medium.chloride, phosphate=medium.phosphate),
    each fixed=true,
    nominal=1e-3*Species.c_nominal) "Amounts in the broth";
  Units.Volume V(start=volume_start, fixed=true, nominal=1e-3) "Volume of broth";
  Units.Volume V_received(start=volume_start, fixed=true, nominal=1e-3) "Volume that began here or was received";
  Units.Volume V_added(start=0, fixed=true, nominal=1e-3) "Medium so far";
  Units.Volume V_sent(start=0, fixed=true, nominal=1e-3) "Broth sent on";
  Units.CellCount N_received(start=volume_start*cells_start, fixed=true, nominal=1e12)
    "Viable cells that began here or were received";
  Units.CellCount N_sent(start=0, fixed=true, nominal=1e12) "Viable cells sent on";
  Units.Time age(start=0, fixed=true, nominal=1e5) "Time since the vessel has contents";
  Units.Number ln_growth(start=0, fixed=true, nominal=1) "Integral of the growth rate";
  Units.VolumeFlowRate V_flow_medium "Flow of the medium";
  Units.MolarVolumetricRate r_carbonate "Carbon dioxide that the gas phase brings";
  Interfaces.InletVector inflow "What is passed on to this vessel";
  Interfaces.OutletVector outflow "What this vessel passes on";
equation
  connect(inoculum, inflow.port);
  connect(outflow.port, outlet);
  assert(V < 1.001*volume_max + 1e-9,
    "inoculum brings more than the working volume. Send less, or raise volume_max.");
  c_medium = Species.vector(glucose=medium.glucose, glutamine=medium.glutamine, asparagine=medium.asparagine,
    amino_acids=medium.amino_acids, carbonate=medium.carbonate, sodium=medium.sodium, chloride=medium.chloride,
    phosphate=medium.phosphate);
  for k in 1:Species.n loop
    c[k] = noEvent(max(m[k], 0))/noEvent(max(V, volume_small));
  end for;
  kinetics.c = c;
  kinetics.age = age;
  der(age) = Vessels.availability(V, volume_small);
  der(ln_growth) = kinetics.mu*Vessels.availability(V, volume_small);
  medium_volume = noEvent(max(noEvent(min(volume_max,
    if rule == Types.SplitRule.density then N_received/density else dilution*V_received)) - V_received - V_added, 0));
  V_flow_medium = medium_flow*filling(medium_volume, volume_small);
  inoculum_volume = if rule == Types.SplitRule.density
    then noEvent(min(max(cells_next - N_sent, 0)/max(c[Species.CellsViable.index], X_small), V))
    else noEvent(max(split*(V + V_sent) - V_sent, 0));
  outflow.V_flow = noEvent(max(transfer_flow, 0))*filling(inoculum_volume, volume_small)
    *Vessels.availability(V, volume_small);
  outflow.T = T;
  outflow.c = c;
  pH = Media.pH(c);
  r_carbonate = k_pH*Media.chargeAtPh(pH_set, c)/Media.dissociationOfCarbonate(10^(3 - pH_set));
  made_flow = noEvent(max(V, 0))*kinetics.made + V_flow_medium*c_medium;
  consumed_flow = noEvent(max(V, 0))*kinetics.consumed;
  supplied_flow = noEvent(max(V, 0))*noEvent(max(r_carbonate, 0));
  vented_flow = noEvent(max(V, 0))*noEvent(max(-r_carbonate, 0))
    *BioProcess.Kinetics.saturation(c[Species.Carbonate.index], c_small);
  der(V) = inflow.V_flow + V_flow_medium - outflow.V_flow;
  der(m) = inflow.m_flow + made_flow - consumed_flow + Species.vector(carbonate=supplied_flow - vented_flow)
    - outflow.m_flow;
  der(V_received) = inflow.V_flow;
  der(N_received) = inflow.m_flow[Species.CellsViable.index];
  der(V_added) = V_flow_medium;
  der(V_sent) = outflow.V_flow;
  der(N_sent) = outflow.m_flow[Species.CellsViable.index];
  held = m;
  held_volume = V;
  made_volume_total = V_added;
  volume = V;
  viable_cells = c[Species.CellsViable.index];
  viability = noEvent(max(c[Species.CellsViable.index], 0) + X_small)
    /noEvent(max(c[Species.CellsViable.index], 0) + max(c[Species.CellsDead.index], 0) + X_small);
  glucose = c[Species.Glucose.index];
  doublings = ln_growth/log(2);
  annotation(Documentation(info="<html>
<p>Cells that arrive are diluted with medium, grow, and are sent on. Medium comes from outside the flowsheet, so the
ledger counts what it brings as made.</p>
<h4>Equations</h4>
<p>dm/dt = F<sub>inoculum</sub> c<sub>inoculum</sub> + F<sub>medium</sub> c<sub>medium</sub> + V (r<sub>made</sub>
&minus; r<sub>consumed</sub>) &minus; F<sub>out</sub> m/V.</p>
<p>Rule density: medium up to (viable cells received)/density; broth out until cells_next viable cells have left. Rule
ratio: medium up to dilution times the volume received; the share split of the broth out. Never beyond volume_max, never
more than there is.</p>
<h4>Assumptions</h4>
<p>Well mixed, volumes add, no evaporation. Cells that are received count for the dilution as they arrive: growth does
not
draw more medium. Carbon dioxide of the gas phase holds the pH as long as there is bicarbonate.</p>
<h4>Limitations</h4>
<p>Oxygen is never short. Cells of two passages in one vessel share one age.</p>
</html>"));
end Vessel;
