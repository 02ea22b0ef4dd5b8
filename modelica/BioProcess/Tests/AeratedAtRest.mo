within BioProcess.Tests;
model AeratedAtRest "Without cells, broth comes to equilibrium with gas and jacket"
  extends Icons.Example;
  Reactors.Aerated reactor(
    redeclare GasTransfer.NonCoalescing correlation(calibration=2),
    volume_start=1.5,
    oxygen_start=0,
    c_start=Species.vector(sodium=155, chloride=110, carbonate=49.3, phosphate=3)) "Reactor";
  Vessels.Plug feed "No feed";
  Vessels.Plug inoculum "Nothing inoculates";
  Vessels.Plug base "No base";
equation
  connect(feed.port, reactor.feed);
  connect(inoculum.port, reactor.inoculum);
  connect(base.port, reactor.base);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.galactose_content = 0.8;
  reactor.high_mannose_content = 0.06;
  reactor.stirrer_speed = 1;
  reactor.gas_flow = 0.05;
  reactor.gas_oxygen = 0.3;
  reactor.gas_carbon_dioxide = 0.05;
  reactor.jacket_temperature = 308.15;
  when time >= 86000 then
    assert(abs(reactor.oxygen - 0.3/0.2095) < 1e-3, "Oxygen is not in equilibrium with the gas.");
    assert(abs(reactor.p_carbon_dioxide/(0.05*101325) - 1) < 1e-3, "Carbon dioxide is not in equilibrium with the gas.");
    assert(abs(reactor.offgas_oxygen - 0.3) < 1e-4, "The gas that leaves is not what enters.");
    assert(
      abs(reactor.temperature - 308.15 - reactor.power_per_volume*1.2/(300*4)) < 1e-3,
      "Stirrer and jacket do not balance.");
  end when;
  annotation(experiment(StopTime=86400, Interval=600));
end AeratedAtRest;
