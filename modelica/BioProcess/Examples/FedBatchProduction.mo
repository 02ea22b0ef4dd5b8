within BioProcess.Examples;
model FedBatchProduction "Fourteen days of fed-batch culture with daily feeds"
  extends Icons.Example;
  Vessels.Plug plug "Nothing inoculates";
  Fmus.FedBatchReactor reactor "Reactor";
  Fmus.GlucoseFeeder feeder "Feeder";
  Vessels.Pipe pipe "From the feeder to the reactor";
  output Units.MassConcentration titre "Antibody";
equation
  connect(plug.port, reactor.inoculum);
  connect(feeder.outlet, pipe.from);
  connect(pipe.to, reactor.feed);
  feeder.measured = reactor.glucose;
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.galactose_content = 0.8;
  reactor.high_mannose_content = 0.06;
  titre = reactor.titre;
  when time >= 1209000 then
    assert(abs(titre/4.1 - 1) < 0.05, "The titre at harvest is off the process it is calibrated to.");
  end when;
  annotation(experiment(StopTime=1209600, Interval=3600));
end FedBatchProduction;
