within BioProcess.Chromatography;
block CounterCurrentCapture "Affinity columns that capture in turn, each followed by the next"
  extends Icons.UnitOperation;
  extends Interfaces.PartialInventory;
  parameter Integer n_columns(min=2) = 3 "Number of columns: customary, 2 is a twin";
  parameter Integer n_tanks(min=2) = 10 "Mixed cells in the path of small solutes, of each column: calibrated";
  parameter Integer n_cells(min=3) = 40 "Cells of the protein grid of each column: numerical";
  parameter Units.Length diameter(min=1e-3, max=3) = 0.2 "Diameter of a bed: customary of continuous capture";
  parameter Units.Length length(min=1e-3, max=2) = 0.1 "Length of a bed: customary of continuous capture";
  parameter Units.SpecificRate k_mab(min=0) = 0.06 "Uptake of antibody: calibrated";
  parameter Units.MassConcentration q_mab(min=1e-3) = 157 "Capacity for antibody per volume of solid: calibrated";
  parameter Units.Number switch_after(min=0.1) = 12 "Feed between two switches, over the volume of a bed: calibrated to some 50 g per litre of bed";
  parameter Units.Number wash(min=0) = 3 "Volume of the wash, over that of a bed: customary";
  parameter Units.Number elution(min=0) = 4 "Volume of the elution, over that of a bed: customary";
  parameter Units.Number strip(min=0) = 2 "Volume of the strip, over that of a bed: customary";
  parameter Units.Number equilibration(min=0) = 4 "Volume of the equilibration, over that of a bed: customary";
  parameter Units.Absorbance cut(min=0) = 0.5 "Absorbance above which the eluate is collected: flagship process";
  parameter Units.Temperature T = 298.15 "Temperature of the room: customary";
  Interfaces.LiquidInlet load "Load";
  Interfaces.LiquidInlet buffer "Buffer";
  Interfaces.LiquidOutlet pool "Eluate that is collected";
  Interfaces.LiquidOutlet rest "All else";
  output Types.Buffer select "Buffer that is needed";
  output Units.Volume bed_volume "Volume of a bed";
  output Units.Number lead "Column that takes the feed";
  output Units.Number switches "Switches so far";
  output Units.Mass made_protein_a_total "Protein A leached from the resin: made since the start";
protected
  constant Real pi = 3.14159265358979 "Ratio of a circle's circumference to its diameter";
  final parameter Integer n_species = 29 "Number of species";
  Interfaces.InletVector feed "Load";
  Interfaces.InletVector rinsing "Buffer";
  Interfaces.OutletVector collected "Eluate that is collected";
  Interfaces.OutletVector remaining "All else";
  AffinityColumn column[n_columns](
    each n_tanks=n_tanks, each n_cells=n_cells, each diameter=diameter, each length=length, each k_mab=k_mab, each q_mab=q_mab,
    each T=T) "Columns";
  Feeds.StreamSource loads[n_columns] "Load of each column";
  Feeds.StreamSource rinses[n_columns] "Buffer to each column";
  CounterCurrentValves valves(
    n_columns=n_columns, bed_volume=pi/4*diameter^2*length, switch_after=switch_after, wash=wash, elution=elution, strip=strip,
    equilibration=equilibration, cut=cut) "Valves";
  Real contents[n_columns, n_species] "What is in each column [1, mol or kg]";
equation
  connect(load, feed.port);
  connect(buffer, rinsing.port);
  connect(collected.port, pool);
  connect(remaining.port, rest);
  valves.V_feed = feed.V_flow;
  valves.c_feed = feed.c;
  valves.V_buffer = rinsing.V_flow;
  for i in 1:n_columns loop
    connect(loads[i].port, column[i].load);
    connect(rinses[i].port, column[i].buffer);
    loads[i].V_flow = valves.V_load[i];
    rinses[i].V_flow = valves.V_rinse[i];
    valves.V_from[i] = valves.V_through[i];
    valves.uv[i] = column[i].uv280;
    for k in 1:n_species loop
      loads[i].c[k] = valves.c_load[i, k];
      rinses[i].c[k] = rinsing.c[k];
      valves.c_from[i, k] = column[i].c_outlet[k];
      contents[i, k] = column[i].contents[k];
    end for;
  end for;
  for k in 1:n_species loop
    held[k] = sum(contents[:, k]);
  end for;
  held_volume = sum(column.held_volume);
  made_protein_a_total = sum(column.made_protein_a_total);
  collected.V_flow = valves.V_pool;
  collected.c = valves.c_pool;
  collected.T = T;
  remaining.V_flow = valves.V_rest;
  remaining.c = valves.c_rest;
  remaining.T = T;
  select = valves.select;
  bed_volume = pi/4*diameter^2*length;
  lead = valves.lead;
  switches = valves.switches;
  annotation(Documentation(info="<html>
<p>Columns (<a href=\"modelica://BioProcess.Chromatography.AffinityColumn\">AffinityColumn</a>) in a ring, switched by
<a href=\"modelica://BioProcess.Chromatography.CounterCurrentValves\">CounterCurrentValves</a>. The flow from column to column is
solved inside, without the delay of a connection. <code>select</code> says which buffer is needed.</p>
</html>"));
end CounterCurrentCapture;
