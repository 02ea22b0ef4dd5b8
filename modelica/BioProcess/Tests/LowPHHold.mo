within BioProcess.Tests;
model LowPHHold "A pool is acidified, held for an hour and neutralised"
  extends Icons.Example;
  Fmus.VirusInactivation tank(volume_start=0.5, mab_start=15, heel=0,
    buffer_start(sodium=2.3, acetate=50)) "Tank";
  Vessels.Plug plug "Nothing flows in";
  output Units.Number log_reduction "Decades of virus";
  output Units.PH pH "pH";
equation
  connect(plug.port, tank.inlet);
  tank.pH_set = if time < 4200 then 3.55 else 5.5;
  tank.titrating = time < 600 or time > 4200;
  tank.demand = 0;
  tank.outlet.demand = 0;
  log_reduction = tank.log_reduction;
  pH = tank.pH;
  assert(abs(tank.held_mab + tank.held_mab_aggregate - 7.5) < 1e-9, "Aggregation loses antibody.");
  when time >= 6000 then
    assert(log_reduction > 5, "An hour at low pH gives less than 5 decades.");
    assert(abs(pH - 5.5) < 0.05, "The pool is not neutralised.");
    assert(tank.held_mab > 0.98*7.5, "More than 2 % of the antibody aggregates.");
  end when;
  annotation(experiment(StopTime=6600, Interval=10));
end LowPHHold;
