within BioProcess.Examples;
model Polishing "Load, wash, gradient and strip of a cation exchanger, then an anion exchanger in flow-through"
  extends Icons.Example;
  Feeds.StreamSource pool "Protein A pool, neutralised to pH 5.2";
  Fmus.GradientSource buffers "Buffers";
  Fmus.CationExchange cation "Cation exchanger";
  Fmus.Divert divert "Valve";
  Fmus.AnionExchange anion "Anion exchanger";
  Feeds.StreamSource titrant "1 mol/L of tris, dosed into the pool on its way: to pH 7.5";
  Vessels.Pipe rinse "Buffers to column";
  Vessels.Pipe eluate "Column to valve";
  Vessels.Pipe product "Valve to anion exchanger";
  output Units.Fraction step_yield "Antibody sent to the anion exchanger over antibody loaded";
  output Units.Fraction removal "Share of the host cell protein that the anion exchanger lets pass";
protected
  constant Units.VolumeFlowRate V_pump = 1.6666666666666666e-4 "Flow: 600 L/h";
  constant Units.Time t_begin = 1200 "Begin of the load";
  constant Units.Time t_loaded = 2850 "End of the load";
  constant Units.Time t_washed = 4000 "End of the wash";
  constant Units.Time t_eluted = 8000 "End of the gradient";
equation
  connect(pool.port, cation.load);
  connect(buffers.outlet, rinse.from);
  connect(rinse.to, cation.buffer);
  connect(cation.outlet, eluate.from);
  connect(eluate.to, divert.inlet);
  connect(divert.collect, product.from);
  connect(product.to, anion.load);
  connect(titrant.port, anion.buffer);
  buffers.flow_set = if time < t_begin or time >= t_loaded then V_pump else 0;
  buffers.share = 0;
  buffers.share_end = 0.6;
  buffers.gradient_volume = 0.64;
  buffers.gradient = time >= t_washed;
  buffers.sanitise = time >= t_eluted;
  pool.V_flow = if time >= t_begin and time < t_loaded then V_pump else 0;
  pool.c = Species.vector(mab=13.8, mab_acidic=2.8, mab_basic=1.4, mab_aggregate=0.28, hcp=0.0166, dna=1e-5, protein_a=1e-4,
    glycan_galactose=0.11, glycan_high_mannose=0.009, sodium=2.3, acetate=50, tris=34.4);
  titrant.V_flow = 0.018*divert.collect.V_flow;
  titrant.c = Species.vector(tris=1000);
  divert.collecting = cation.uv280 > 1.0 and time >= t_washed and time < t_eluted;
  step_yield = divert.collect.m_mab_total/noEvent(max(cation.held_mab + cation.outlet.m_mab_total, 1e-6));
  removal = anion.outlet.m_hcp_total/noEvent(max(divert.collect.m_hcp_total, 1e-9));
  when time >= 9000 then
    assert(step_yield > 0.85, "The gradient elutes less than 85 % of what was loaded into the pool.");
    assert(cation.held_mab < 1e-6, "The alkali does not clean the cation exchanger.");
    assert(removal < 0.3, "The anion exchanger lets more than 30 % of the host cell protein pass.");
  end when;
  annotation(experiment(StopTime=9600, Interval=20));
end Polishing;
