within BioProcess.Tests;
model BufferExchange "Seven diavolumes at constant volume, one solute free and one half held back"
  extends Icons.Example;
  Fmus.UltrafiltrationDiafiltration unit(volume_start=0.1, mab_start=50, sieving_mab=0.01, fouling=1e-2,
    buffer_start(acetate=50, sodium=40)) "Membrane";
  Fmus.OsmoticUltrafiltration osmotic(volume_start=0.1, mab_start=50) "The same with another law of flux";
  Vessels.Plug plug "Nothing flows in";
  Vessels.Plug plug2 "Nothing flows in";
  output Units.Number diavolumes "Buffer exchanged";
equation
  connect(plug.port, unit.inlet);
  connect(plug2.port, osmotic.inlet);
  unit.filtering = true;
  unit.diafiltering = unit.diavolumes < 7;
  unit.cleaning = false;
  unit.pressure = 1e5;
  unit.rinse_flow = 0;
  unit.demand = 0;
  unit.outlet.demand = 0;
  osmotic.filtering = true;
  osmotic.diafiltering = false;
  osmotic.cleaning = false;
  osmotic.pressure = 1e5;
  osmotic.rinse_flow = 0;
  osmotic.demand = 0;
  osmotic.outlet.demand = 0;
  diavolumes = unit.diavolumes;
  assert(
    abs(unit.held_acetate/5*exp(diavolumes) - 1) < 1e-3 or not unit.diafiltering,
    "The free solute is not washed out as it should be.");
  assert(
    abs(unit.held_mab/5*exp(0.01*diavolumes) - 1) < 1e-4 or not unit.diafiltering,
    "The antibody does not sieve as it should.");
  assert(osmotic.flux <= 8.34e-5 and osmotic.flux >= 0, "Osmosis adds to the flux.");
  when time >= 14900 then
    assert(diavolumes > 6.99, "Seven diavolumes take too long.");
  end when;
  annotation(experiment(StopTime=15000, Interval=10));
end BufferExchange;
