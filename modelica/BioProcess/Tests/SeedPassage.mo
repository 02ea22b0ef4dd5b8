within BioProcess.Tests;
model SeedPassage "Growth after a lag, and a passage by density"
  extends Icons.Example;
  Vessels.Plug plug "Nothing inoculates the flask";
  Fmus.Thaw flask(
    mu_max=1e-5,
    lag=86400,
    mu_late=0,
    cells_vial=2e13,
    kinetics(
      age_half=1e15,
      mu_death=0,
      mu_death_old=0,
      published(K_glucose=1e-6, K_glutamine=1e-6, KI_lactate=1e12, KI_ammonia=1e12)),
    cells_next=1.2e7,
    density=1e11) "Flask with so few cells that nothing runs short";
  Fmus.SeedReactor next(volume_max=1e-3, density=1e11, cells_next=0) "Next passage";
  Vessels.Pipe pipe "From the flask to the next passage";
  output Units.Number growth "Viable cells over those that were thawed";
equation
  connect(plug.port, flask.inoculum);
  connect(flask.outlet, pipe.from);
  connect(pipe.to, next.inoculum);
  flask.rule = Types.SplitRule.density;
  next.rule = Types.SplitRule.density;
  flask.transfer_flow = if time < 172800 then 0 else 1e-6;
  next.transfer_flow = 0;
  growth = (flask.held_cells_viable + flask.outlet.m_cells_viable_total)/1.8e7;
  when time >= 172700 then
    assert(abs(flask.volume - 1.8e-4) < 1e-8, "The flask is not diluted to the density asked for.");
    assert(abs(growth - (1 + exp(1e-5*time)/(exp(0.864) - 1))/(1 + 1/(exp(0.864) - 1))) < 1e-4,
      "Growth after the lag is off the closed form.");
  end when;
  when time >= 180000 then
    assert(abs(flask.outlet.m_cells_viable_total/1.2e7 - 1) < 1e-4, "The cells sent on are not those asked for.");
    assert(abs(next.made_volume_total + flask.outlet.V_total - 1.2e-4) < 1e-7,
      "The passage is not diluted to the density asked for.");
  end when;
  annotation(experiment(StopTime=180600, Tolerance=1e-8, Interval=600));
end SeedPassage;
