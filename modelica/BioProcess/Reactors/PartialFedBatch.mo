within BioProcess.Reactors;
partial block PartialFedBatch "Well-mixed reactor with feed, additions and harvest"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  extends Interfaces.PartialGasExchange;
  parameter Units.Volume volume_start = 1.5 "Volume at inoculation: flagship process";
  parameter Units.Volume volume_small(min=1e-6) = 1e-4 "Volume below which the harvest dries up: numerical";
  parameter Units.Temperature T = 309.95 "Temperature, kept by the jacket: 36.8 degC, customary";
  parameter Units.Volume bolus_volume = 0 "Volume of one addition";
  parameter Units.Time bolus_duration(min=1) = 600 "Time that one addition takes: customary";
  parameter Units.Time bolus_first(min=0) = 172800 "First scheduled addition, after the start: customary";
  parameter Units.Time bolus_interval(min=1) = 86400 "Time between scheduled additions: customary";
  parameter Units.Number bolus_count(min=0) = 0 "Number of scheduled additions";
  parameter Data.CultureFeed bolus_medium "Composition of additions";
  parameter Species.Concentrations c_start "Composition at inoculation";
  Interfaces.LiquidInlet feed "Feed";
  Interfaces.LiquidInlet inoculum "What inoculates the reactor, from a seed train";
  Interfaces.LiquidOutlet harvest "Harvest";
  input Units.VolumeFlowRate harvest_flow(start=0, min=0, max=0.01) "Harvest flow, as far as there are contents";
  input Boolean bolus(start=false) "An addition starts when this becomes true";
  replaceable BioProcess.Kinetics.MabCulture kinetics constrainedby BioProcess.Kinetics.PartialCellKinetics
    "What the cells make and consume";
  replaceable BioProcess.Quality.NoAgeing quality constrainedby BioProcess.Quality.PartialAgeing
    "Quality of the antibody";
  output Units.Volume volume(displayUnit="L") "Volume of broth";
  output Units.Volume made_volume_total "Volume of the additions so far";
  output Units.SpecificMassRate productivity "Antibody made per viable cell";
  output Units.Fraction acidic "Acidic variants over antibody";
  output Units.Fraction basic "Basic variants over antibody";
  output Units.Fraction aggregates "Aggregates over antibody and aggregates";
protected
  constant Units.MassConcentration mab_small = 1e-9 "Antibody that is as good as none";
  Units.VolumeFlowRate extra_flow = 0 "What ports that a derived model adds bring, less what they take";
  Species.Flows extra_m_flow = zeros(Species.n) "The same for each species";
  Units.Temperature T_broth = T "Temperature of the broth";
  Units.PH pH_broth = 7 "pH of the broth";
  Units.Volume V(start=volume_start, fixed=true, nominal=1) "Volume of broth";
  Species.Amounts m(start=volume_start*c_start, each fixed=true, nominal=Species.c_nominal) "Amounts in the broth";
  Species.Concentrations c "Concentrations in the broth";
  Species.Rates made_control "Brought by the gas, per volume: carbonate only";
  Species.Rates consumed_control "Gone with the gas, per volume: carbonate only";
  Species.Flows bolus_m_flow "What an addition brings";
  Units.Time age(start=0, fixed=true, nominal=1e5) "Time since inoculation";
  Units.Volume V_added(start=0, fixed=true, nominal=1) "Volume of the additions so far";
  Units.VolumeFlowRate bolus_flow "Flow of an addition";
  discrete Units.Time t_bolus(start=1e300, fixed=true) "Next scheduled addition";
  discrete Units.Time t_end(start=-1e300, fixed=true) "End of the running addition";
  discrete Units.Number n_bolus(start=0, fixed=true) "Scheduled additions so far";
  Interfaces.InletVector inflow "Feed";
  Interfaces.InletVector seeding "Inoculum";
  Interfaces.OutletVector outflow "Harvest";
equation
  connect(feed, inflow.port);
  connect(inoculum, seeding.port);
  kinetics.c = c;
  kinetics.age = age;
  quality.c = c;
  quality.T = T_broth;
  quality.pH = pH_broth;
  quality.mab_made = kinetics.made[Species.Mab.index];
  connect(outflow.port, harvest);
  der(age) = 1;
  der(V) = inflow.V_flow + seeding.V_flow + bolus_flow + extra_flow - outflow.V_flow;
  der(V_added) = bolus_flow;
  der(m) = inflow.m_flow + seeding.m_flow + extra_m_flow + made_flow - consumed_flow + V*(made_control - consumed_control)
    - outflow.m_flow;
  for k in 1:Species.n loop
    c[k] = noEvent(max(m[k], 0))/noEvent(max(V, volume_small));
  end for;
  outflow.V_flow = noEvent(max(harvest_flow, 0))*Vessels.availability(V, volume_small);
  outflow.T = T_broth;
  outflow.c = c;
  when initial() then
    t_bolus = if bolus_count > 0.5 then time + bolus_first else 1e300;
    n_bolus = 0;
  elsewhen time >= pre(t_bolus) then
    t_bolus = if pre(n_bolus) + 1.5 < bolus_count then pre(t_bolus) + bolus_interval else 1e300;
    n_bolus = pre(n_bolus) + 1;
  end when;
  when {bolus, time >= pre(t_bolus)} then
    t_end = time + bolus_duration;
  end when;
  bolus_flow = if time < t_end then bolus_volume/bolus_duration else 0;
  bolus_m_flow = bolus_flow*Species.vector(glucose=bolus_medium.glucose, glutamine=bolus_medium.glutamine,
    asparagine=bolus_medium.asparagine, amino_acids=bolus_medium.amino_acids,
    carbonate=bolus_medium.carbonate, sodium=bolus_medium.sodium, chloride=bolus_medium.chloride,
    phosphate=bolus_medium.phosphate);
  made_flow = V*(kinetics.made + quality.made) + bolus_m_flow;
  consumed_flow = V*(kinetics.consumed + quality.consumed);
  supplied_flow = V*made_control[Species.Carbonate.index];
  vented_flow = V*consumed_control[Species.Carbonate.index];
  held = m;
  held_volume = V;
  made_volume_total = V_added;
  volume = V;
  productivity = kinetics.made[Species.Mab.index]/noEvent(max(c[Species.CellsViable.index], 1));
  acidic = c[Species.MabAcidic.index]/noEvent(max(c[Species.Mab.index], mab_small));
  basic = c[Species.MabBasic.index]/noEvent(max(c[Species.Mab.index], mab_small));
  aggregates = c[Species.MabAggregate.index]
    /noEvent(max(c[Species.MabAggregate.index] + c[Species.Mab.index], mab_small));
  annotation(Documentation(info="<html>
<p>Amounts and volume are the states. Additions come from outside the flowsheet, so the ledger counts what they bring as
made.</p>
<h4>Equations</h4>
<p>dm/dt = F<sub>feed</sub> c<sub>feed</sub> + F<sub>inoculum</sub> c<sub>inoculum</sub> + F<sub>bolus</sub>
c<sub>bolus</sub> + V (r<sub>made</sub> &minus; r<sub>consumed</sub> + r<sub>gas</sub>) &minus; F<sub>harvest</sub> m/V, dV/dt = F<sub>feed</sub> + F<sub>inoculum</sub> +
F<sub>bolus</sub> &minus; F<sub>harvest</sub>.</p>
<h4>Assumptions</h4>
<p>Well mixed, volumes add, no evaporation, no sampling, temperature as set. Below volume_small the harvest dries up
smoothly.</p>
</html>"));
end PartialFedBatch;
