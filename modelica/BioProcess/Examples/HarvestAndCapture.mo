within BioProcess.Examples;
model HarvestAndCapture "Centrifuge, hold tank, Protein A column and pool inside one model"
  extends Icons.Example;
  Feeds.StreamSource broth "Broth of day 14";
  Fmus.DiskStack centrifuge "Centrifuge";
  Fmus.HoldTank hold "Clarified harvest";
  Fmus.BufferManifold buffers "Buffers";
  Fmus.ProteinA capture "Protein A column";
  Fmus.Divert divert "Valve";
  Fmus.HoldTank pool "Pool";
  Vessels.Pipe centrate "Centrifuge to hold tank";
  Vessels.PipeOnDemand load "Hold tank to column";
  Vessels.Pipe rinse "Buffers to column";
  Vessels.Pipe eluate "Column to valve";
  Vessels.Pipe collect "Valve to pool";
  output Units.Fraction step_yield "Antibody in the pool over antibody loaded";
protected
  constant Units.Time t_harvest = 4500 "End of the harvest";
  constant Units.Time t_equilibrated = 6600 "Start of the load";
  constant Units.Time t_loaded = 10200 "End of the load";
  constant Units.Time t_washed = 12300 "End of the wash";
  constant Units.Time t_eluted = 14000 "End of the elution";
equation
  connect(broth.port, centrifuge.feed);
  connect(centrifuge.centrate, centrate.from);
  connect(centrate.to, hold.inlet);
  connect(hold.outlet, load.from);
  connect(load.to, capture.load);
  connect(buffers.outlet, rinse.from);
  connect(rinse.to, capture.buffer);
  connect(capture.outlet, eluate.from);
  connect(eluate.to, divert.inlet);
  connect(divert.collect, collect.from);
  connect(collect.to, pool.inlet);
  broth.V_flow = if time < t_harvest then 1.6666666666666666e-4 else 0;
  broth.c = Species.vector(cells_viable=1.8e13, cells_dead=4e12, glucose=12, glutamine=4, lactate=40, ammonia=10,
    carbonate=15, mab=4.1, hcp=0.27, sodium=155, chloride=107, phosphate=3);
  hold.demand = 0;
  load.demand = if time >= t_equilibrated and time < t_loaded then 1.6666666666666666e-4 else 0;
  buffers.select = if time < t_harvest then Types.Buffer.off elseif time < t_equilibrated then Types.Buffer.equilibration
    elseif time < t_loaded then Types.Buffer.off elseif time < t_washed then Types.Buffer.wash
    elseif time < t_eluted then Types.Buffer.elution else Types.Buffer.strip;
  buffers.flow_set = 1.6666666666666666e-4;
  divert.collecting = capture.uv280 > 0.5 and time >= t_washed and time < t_eluted;
  pool.demand = 0;
  pool.outlet.demand = 0;
  step_yield = pool.held_mab/noEvent(max(hold.outlet.m_mab_total, 1e-6));
  when time >= 16000 then
    assert(step_yield > 0.9, "The column gives less than 90 % of what was loaded.");
    assert(capture.pH < 3.2, "The strip does not reach the end of the column.");
  end when;
  annotation(experiment(StopTime=16200, Interval=10));
end HarvestAndCapture;
