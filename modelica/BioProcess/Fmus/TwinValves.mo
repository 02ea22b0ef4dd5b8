within BioProcess.Fmus;
block TwinValves "Valves and schedule around two affinity columns that are FMUs of their own"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Units.Volume bed_volume(min=1e-9) = 3.1416e-3 "Volume of a bed: customary of continuous capture";
  parameter Units.Number switch_after(min=0.1) = 12 "Feed between two switches, over bed_volume: calibrated to some 50 g per litre of bed";
  parameter Units.Number wash(min=0) = 3 "Volume of the wash, over bed_volume: customary";
  parameter Units.Number elution(min=0) = 4 "Volume of the elution, over bed_volume: customary";
  parameter Units.Number strip(min=0) = 2 "Volume of the strip, over bed_volume: customary";
  parameter Units.Number equilibration(min=0) = 4 "Volume of the equilibration, over bed_volume: customary";
  parameter Units.Absorbance cut = 0.5 "Absorbance above which the eluate is collected: flagship process";
  parameter Units.Time tau(min=0.1) = 2 "Residence time in the bubble trap behind each column: customary";
  parameter Units.Temperature T = 298.15 "Temperature of the room: customary";
  input Units.Absorbance uv_1(start=0, min=0, max=1000) "Absorbance behind column 1";
  input Units.Absorbance uv_2(start=0, min=0, max=1000) "Absorbance behind column 2";
  Interfaces.LiquidInlet load "Load";
  Interfaces.LiquidInlet buffer "Buffer";
  Interfaces.LiquidInlet from_1 "From column 1";
  Interfaces.LiquidInlet from_2 "From column 2";
  Interfaces.LiquidOutlet load_1 "Load of column 1";
  Interfaces.LiquidOutlet load_2 "Load of column 2";
  Interfaces.LiquidOutlet buffer_1 "Buffer to column 1";
  Interfaces.LiquidOutlet buffer_2 "Buffer to column 2";
  Interfaces.LiquidOutlet pool "Eluate that is collected";
  Interfaces.LiquidOutlet rest "All else";
  output Types.Buffer select "Buffer that is needed";
  output Units.Number lead "Column that takes the feed";
  output Units.Number switches "Switches so far";
protected
  final parameter Integer n_species = 29 "Number of species";
  constant Units.Volume V_small = 1e-12 "Volume that is as good as none";
  Units.Volume V_trap[2](each start=0, each fixed=true, each nominal=1e-4) "Volume in the bubble traps";
  Real m_trap[2, n_species](each start=0, each min=0, each fixed=true, each nominal=1e-4) "Amounts in the bubble traps [1, mol or kg]";
  Interfaces.InletVector feed "Load";
  Interfaces.InletVector rinsing "Buffer";
  Interfaces.InletVector from[2] "From the columns";
  Interfaces.OutletVector loads[2] "Loads";
  Interfaces.OutletVector rinses[2] "Buffers";
  Interfaces.OutletVector collected "Eluate that is collected";
  Interfaces.OutletVector remaining "All else";
  Chromatography.CounterCurrentValves valves(
    n_columns=2, bed_volume=bed_volume, switch_after=switch_after, wash=wash, elution=elution, strip=strip,
    equilibration=equilibration, cut=cut) "Valves";
equation
  connect(load, feed.port);
  connect(buffer, rinsing.port);
  connect(from_1, from[1].port);
  connect(from_2, from[2].port);
  connect(loads[1].port, load_1);
  connect(loads[2].port, load_2);
  connect(rinses[1].port, buffer_1);
  connect(rinses[2].port, buffer_2);
  connect(collected.port, pool);
  connect(remaining.port, rest);
  valves.V_feed = feed.V_flow;
  valves.c_feed = feed.c;
  valves.V_buffer = rinsing.V_flow;
  valves.uv[1] = uv_1;
  valves.uv[2] = uv_2;
  for i in 1:2 loop
    der(V_trap[i]) = from[i].V_flow - valves.V_from[i];
    valves.V_from[i] = noEvent(max(V_trap[i], 0))/tau;
    loads[i].V_flow = valves.V_load[i];
    loads[i].T = T;
    rinses[i].V_flow = valves.V_rinse[i];
    rinses[i].c = rinsing.c;
    rinses[i].T = T;
    for k in 1:Species.n loop
      der(m_trap[i, k]) = from[i].m_flow[k] - valves.V_from[i]*valves.c_from[i, k];
      valves.c_from[i, k] = m_trap[i, k]/(V_trap[i] + V_small);
      loads[i].c[k] = valves.c_load[i, k];
    end for;
  end for;
  collected.V_flow = valves.V_pool;
  collected.c = valves.c_pool;
  collected.T = T;
  remaining.V_flow = valves.V_rest;
  remaining.c = valves.c_rest;
  remaining.T = T;
  for k in 1:Species.n loop
    held[k] = m_trap[1, k] + m_trap[2, k];
  end for;
  held_volume = V_trap[1] + V_trap[2];
  select = valves.select;
  lead = valves.lead;
  switches = valves.switches;
  annotation(
    experiment(StopTime=3600, Interval=60),
    Documentation(info="<html>
<p>For a scenario in which each column is a component: what they send comes back to the valves through a bubble trap, which
empties at the rate volume/&tau;, and uv_1 and uv_2 are connected to their uv280. The same schedule as inside
<a href=\"modelica://BioProcess.Fmus.PeriodicCounterCurrent\">PeriodicCounterCurrent</a>.</p>
</html>"));
end TwinValves;
