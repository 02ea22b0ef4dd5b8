within BioProcess.Tests;
model BolusAddition "Scheduled additions bring what they say"
  extends Icons.Example;
  Reactors.FedBatch reactor(
    c_start=Species.vector(glucose=10, glutamine=2, carbonate=49.3, sodium=155, chloride=107, phosphate=3),
    volume_start=1, bolus_volume=0.01, bolus_first=3600, bolus_interval=7200, bolus_count=3) "Reactor without cells";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "No feed";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = 0;
  source.c = zeros(Species.n);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.galactose_content = 0.8;
  reactor.high_mannose_content = 0.06;
  when time >= 86000 then
    assert(abs(reactor.volume - 1.03) < 1e-7, "The additions have the wrong volume.");
    assert(abs(reactor.held_glucose - (10 + 0.03*176)) < 1e-4, "The additions bring the wrong amount of glucose.");
    assert(abs(reactor.held_glutamine - (2 + 0.03*83.6)) < 1e-4, "The additions bring the wrong amount of glutamine.");
    assert(abs(reactor.held_sodium - (155 + 0.03*155)) < 1e-4, "The additions bring the wrong amount of sodium.");
    assert(abs(reactor.held_chloride - (107 + 0.03*107)) < 1e-4, "The additions bring the wrong amount of chloride.");
    assert(abs(reactor.held_phosphate - (3 + 0.03*3)) < 1e-4, "The additions bring the wrong amount of phosphate.");
    assert(abs(reactor.pH - 7) < 0.01, "The pH is not held.");
  end when;
  annotation(experiment(StopTime=86400, Interval=600));
end BolusAddition;
