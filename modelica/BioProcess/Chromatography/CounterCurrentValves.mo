within BioProcess.Chromatography;
model CounterCurrentValves "Valves and schedule of columns that capture in turn, each followed by the next"
  extends Icons.UnitOperation;
  parameter Integer n_columns(min=2) = 3 "Number of columns: customary";
  parameter Units.Volume bed_volume "Volume of a bed";
  parameter Units.Number switch_after(min=0.1) = 12 "Feed between two switches, over bed_volume: calibrated to some 50 g per litre of bed";
  parameter Units.Number wash(min=0) = 3 "Volume of the wash, over bed_volume: customary";
  parameter Units.Number elution(min=0) = 4 "Volume of the elution, over bed_volume: customary";
  parameter Units.Number strip(min=0) = 2 "Volume of the strip, over bed_volume: customary";
  parameter Units.Number equilibration(min=0) = 4 "Volume of the equilibration, over bed_volume: customary";
  parameter Units.Absorbance cut(min=0) = 0.5 "Absorbance above which the eluate is collected: flagship process";
  input Units.VolumeFlowRate V_feed "Feed";
  input Species.Concentrations c_feed "Feed";
  input Units.VolumeFlowRate V_buffer "Buffer";
  input Units.VolumeFlowRate V_from[n_columns] "What leaves each column";
  input Real c_from[n_columns, n_species] "What leaves each column [1/m3, mol/m3 or kg/m3]";
  input Units.Absorbance uv[n_columns] "Absorbance behind each column";
  output Units.VolumeFlowRate V_load[n_columns] "Load of each column";
  output Real c_load[n_columns, n_species] "Load of each column [1/m3, mol/m3 or kg/m3]";
  output Units.VolumeFlowRate V_rinse[n_columns] "Buffer to each column";
  output Units.VolumeFlowRate V_through[n_columns] "What flows through each column, if it delays nothing";
  output Units.VolumeFlowRate V_pool "Eluate that is collected";
  output Species.Concentrations c_pool "Eluate that is collected";
  output Units.VolumeFlowRate V_rest "All else";
  output Species.Concentrations c_rest "All else";
  output Types.Buffer select "Buffer that is needed";
  output Units.Number lead "Column that takes the feed";
  output Units.Number switches "Switches so far";
protected
  final parameter Integer n_species = 29 "Number of species";
  final parameter Units.Number recovery = wash + elution + strip + equilibration "Volume of all buffers, over bed_volume";
  Units.Volume V_fed(start=0, fixed=true, nominal=1) "Feed so far";
  Units.Volume V_rinsed(start=0, fixed=true, nominal=1) "Buffer so far";
  discrete Units.Volume V_fed_before(start=0, fixed=true) "Feed before the last switch";
  discrete Real V_rinsed_before(start=-1e6, fixed=true) "Buffer before the last switch, long ago at the start";
  discrete Units.Number lead_now(start=1, fixed=true) "Column that takes the feed";
  discrete Units.Number switches_now(start=0, fixed=true) "Switches so far";
  Boolean is_washing "= true, while the column that led before is washed";
  Boolean is_recovering "= true, while buffers flow to the column that led before";
  Boolean is_followed "= true, if the column behind the leading one is ready";
  Boolean is_collecting "= true, while the eluate is collected";
  Units.Fraction is_lead[n_columns] "1 of the column that takes the feed";
  Units.Fraction is_next[n_columns] "1 of the column behind it";
  Units.Fraction is_last[n_columns] "1 of the column that led before";
  Units.Fraction is_end[n_columns] "1 of the column where the feed leaves";
  Units.Fraction is_rinsed[n_columns] "1 of the column that led before, unless the feed leaves there";
  Units.Fraction follows "1 if the leading column is followed";
  Units.VolumeFlowRate V_eluate "What the column that led before sends";
  Units.VolumeFlowRate V_back "Wash of that column, which goes to the leading one";
  Units.VolumeFlowRate V_wash "Buffer that becomes that wash";
  Species.Concentrations c_first "What enters the leading column";
  Units.VolumeFlowRate V_end "What leaves where the feed leaves";
  Units.VolumeFlowRate V_lost "Of the eluate, what is neither collected nor fed back";
  Species.Concentrations c_end "Where the feed leaves";
  Species.Concentrations c_eluate "Where the buffer leaves";
equation
  der(V_fed) = V_feed;
  der(V_rinsed) = V_buffer;
  when V_fed - V_fed_before >= switch_after*bed_volume and V_rinsed - V_rinsed_before >= recovery*bed_volume then
    V_fed_before = V_fed;
    V_rinsed_before = V_rinsed;
    lead_now = if pre(lead_now) > n_columns - 0.5 then 1 else pre(lead_now) + 1;
    switches_now = pre(switches_now) + 1;
  end when;
  lead = lead_now;
  switches = switches_now;
  is_recovering = V_rinsed - V_rinsed_before < recovery*bed_volume;
  is_followed = n_columns > 2 or not is_recovering;
  is_collecting = V_rinsed - V_rinsed_before > wash*bed_volume
    and V_rinsed - V_rinsed_before < (wash + elution)*bed_volume and is_last*uv > cut;
  select = if V_rinsed - V_rinsed_before < wash*bed_volume then Types.Buffer.wash
    elseif V_rinsed - V_rinsed_before < (wash + elution)*bed_volume then Types.Buffer.elution
    elseif V_rinsed - V_rinsed_before < (wash + elution + strip)*bed_volume then Types.Buffer.strip
    elseif V_rinsed - V_rinsed_before < recovery*bed_volume then Types.Buffer.equilibration
    else Types.Buffer.off;
  follows = if is_followed then 1 else 0;
  for i in 1:n_columns loop
    is_lead[i] = noEvent(if abs(lead_now - i) < 0.5 then 1 else 0);
    is_end[i] = follows*is_next[i] + (1 - follows)*is_lead[i];
    is_rinsed[i] = is_last[i]*(1 - is_end[i]);
    V_load[i] = is_lead[i]*(V_feed + V_back) + follows*is_next[i]*(is_lead*V_from);
    V_rinse[i] = is_last[i]*V_buffer;
    V_through[i] = (is_lead[i] + follows*is_next[i])*(V_feed + V_wash) + V_rinse[i];
  end for;
  is_next[1] = is_lead[n_columns];
  for i in 2:n_columns loop
    is_next[i] = is_lead[i - 1];
  end for;
  is_last[n_columns] = is_lead[1];
  for i in 1:n_columns - 1 loop
    is_last[i] = is_lead[i + 1];
  end for;
  for k in 1:n_species loop
    c_load[1, k] = is_lead[1]*c_first[k] + is_next[1]*c_from[n_columns, k];
    c_end[k] = is_end*c_from[:, k];
    c_eluate[k] = is_rinsed*c_from[:, k];
  end for;
  for i in 2:n_columns loop
    for k in 1:n_species loop
      c_load[i, k] = is_lead[i]*c_first[k] + is_next[i]*c_from[i - 1, k];
    end for;
  end for;
  is_washing = V_rinsed - V_rinsed_before < wash*bed_volume;
  V_wash = if is_washing then V_buffer else 0;
  V_end = is_end*V_from;
  V_eluate = is_rinsed*V_from;
  V_back = if is_washing then V_eluate else 0;
  c_first = (V_feed*c_feed + V_back*c_eluate)/noEvent(max(V_feed + V_back, 1e-30));
  V_pool = if is_collecting then V_eluate else 0;
  V_lost = V_eluate - V_back - V_pool;
  V_rest = V_end + V_lost;
  c_pool = c_eluate;
  c_rest = (V_end*c_end + V_lost*c_eluate)/noEvent(max(V_rest, 1e-30));
  annotation(Documentation(info="<html>
<p>The feed flows through the leading column and, if that is ready, the next one, which catches what breaks through. Meanwhile
the column that led before is washed, which rinses what it holds unbound into the leading one, eluted, stripped and equilibrated, by volumes of buffer. When a volume of feed has
entered and the buffers are through, the next column leads.</p>
<p>With two columns the one behind is the one that led before: while it recovers, the feed passes one column only, and both
afterwards.</p>
<h4>Assumptions</h4>
<p>Valves hold no volume. Buffer that arrives although none is needed goes to the column that led before.</p>
<h4>References</h4>
<p>Godawat et al. 2012, Biotechnology Journal 7:1496.</p>
</html>"));
end CounterCurrentValves;
