within BioProcess.Tests;
model EmptyingTank "A tank delivers what is asked for until it is empty, and loses nothing"
  extends Icons.Example;
  Vessels.Tank tank "Tank";
  Feeds.StreamSource source "Fills the tank for ten minutes";
  output Units.Mass missing(min=-1) "Antibody that the balance misses";
equation
  connect(source.port, tank.inlet);
  source.V_flow = if time < 600 then 1e-3 else 0;
  source.c = Species.vector(mab=4);
  tank.demand = if time < 900 then 0 else 1e-3;
  tank.outlet.demand = 0;
  missing = 4*1e-3*min(time, 600) - tank.held_mab - tank.outlet.m_mab_total;
  assert(abs(missing) < 1e-6, "The tank loses antibody.");
  when time >= 3000 then
    assert(tank.volume < 1e-4, "The tank does not run dry.");
    assert(abs(tank.outlet.m_mab_total - 2.4) < 1e-3, "The tank does not deliver what it holds.");
  end when;
  annotation(experiment(StopTime=3600, Interval=10));
end EmptyingTank;
