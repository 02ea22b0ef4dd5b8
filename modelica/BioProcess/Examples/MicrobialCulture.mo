within BioProcess.Examples;
model MicrobialCulture "Batch and fed batch of a microbe whose oxygen, pH and temperature are held, and its induction"
  extends Icons.Example;
  Fmus.MicrobialReactor reactor "Fermenter";
  Fmus.ExponentialFeeder feeder "Feed";
  Fmus.OxygenController oxygen(gain=2, integral_time=60, output_max=0.8) "Dissolved oxygen";
  Fmus.PhController acidity(
    gain=5, integral_time=600, output_min=0, output_start=0, base_flow_max=1e-6, base_sodium=0, base_carbonate=0,
    base_ammonia=13400) "pH, by ammonia";
  Fmus.TemperatureController heat "Temperature";
  Vessels.Pipe pipe "From the feeder to the reactor";
  Vessels.Pipe base "From the controller of pH to the reactor";
  Vessels.Plug plug "Nothing inoculates";
equation
  connect(plug.port, reactor.inoculum);
  connect(feeder.outlet, pipe.from);
  connect(pipe.to, reactor.feed);
  connect(acidity.base, base.from);
  connect(base.to, reactor.base);
  feeder.feeding = time >= 30600;
  feeder.growth_set = if time < 57600 then 5.6e-5 else 0;
  reactor.inducer = time >= 57600;
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.stirrer_speed = 6;
  reactor.gas_flow = 0.1;
  reactor.gas_carbon_dioxide = acidity.gas_carbon_dioxide;
  oxygen.measured = reactor.oxygen;
  oxygen.set_point = 0.3;
  oxygen.automatic = true;
  oxygen.manual_output = 0.2095;
  reactor.gas_oxygen = oxygen.gas_oxygen;
  acidity.measured = reactor.pH;
  acidity.set_point = 7;
  acidity.automatic = true;
  acidity.manual_output = 0;
  heat.measured = reactor.temperature;
  heat.set_point = 310.15;
  heat.automatic = true;
  heat.manual_output = 310.15;
  reactor.jacket_temperature = heat.jacket_temperature;
  when time >= 72000 then
    assert(abs(reactor.pH - 7) < 0.05, "The pH is off its set point.");
    assert(abs(reactor.temperature - 310.15) < 0.5, "The temperature is off its set point.");
    assert(reactor.oxygen > 0.2, "The culture is short of oxygen.");
    assert(reactor.biomass > 25, "Fewer cells than a fed batch gives.");
    assert(reactor.titre > 0.03*reactor.biomass, "Induced cells make less antigen than they should.");
    assert(reactor.acetate < 20, "The feed is faster than the cells can respire.");
  end when;
  annotation(experiment(StopTime=75600, Interval=600));
end MicrobialCulture;
