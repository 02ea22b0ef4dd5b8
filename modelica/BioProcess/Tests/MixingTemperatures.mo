within BioProcess.Tests;
model MixingTemperatures "Warm contents and a cold stream mix as their enthalpies do"
  extends Icons.Example;
  Vessels.Tank tank(volume_start=0.1, T_start=310) "Tank";
  Feeds.StreamSource cold(T=290) "Cold stream";
equation
  connect(cold.port, tank.inlet);
  cold.V_flow = if time < 1000 then 1e-4 else 0;
  cold.c = zeros(Species.n);
  tank.demand = if time < 2000 then 0 else 1e-4;
  tank.outlet.demand = 0;
  when time >= 1500 then
    assert(abs(tank.outlet.T - 300) < 1e-3, "Equal volumes do not mix to the mean temperature.");
  end when;
  when time >= 2990 then
    assert(
      abs(tank.outlet.H_total - 0.099*4.18e6*(300 - 273.15)) < 100,
      "What leaves does not carry the enthalpy of its temperature.");
  end when;
  annotation(experiment(StopTime=3000, Interval=10));
end MixingTemperatures;
