within BioProcess.Tests;
model MixingOfZones "Two zones even out at the rate that the flow between them gives"
  extends Icons.Example;
  Fmus.CompartmentReactor reactor(
    n_zones=2, exchange_flow=Compartments.stackedExchange(2, 0.01), volume_start=1, cells_start=0)
    "Two zones of half a cubic metre";
  Feeds.StreamSource source "Feeds the first zone for one second";
  Vessels.Plug inoculum "Nothing inoculates";
  Vessels.Plug base "No base";
  output Units.Molarity difference "Glucose of the first zone less that of the second";
protected
  discrete Units.Molarity before(start=0, fixed=true) "Difference after 2 s";
equation
  connect(source.port, reactor.feed);
  connect(inoculum.port, reactor.inoculum);
  connect(base.port, reactor.base);
  source.V_flow = if time < 1 then 1e-3 else 0;
  source.c = Species.vector(glucose=1000);
  reactor.harvest_flow = 0;
  reactor.kLa = 0;
  reactor.gas_oxygen = 0.21;
  reactor.gas_carbonate = 0.05;
  difference = reactor.glucose_zone[1] - reactor.glucose_zone[2];
  when time >= 2 then
    before = difference;
  end when;
  when time >= 52 then
    assert(abs(difference/before - 0.1353353) < 1e-3, "Two zones do not even out with exp(-2 q t/V).");
    assert(abs(reactor.glucose*1.001 - 36) < 1e-6, "The mean concentration is not that of the mixture.");
  end when;
  annotation(
    experiment(StopTime=60, Tolerance=1e-8, Interval=1),
    Documentation(info="<html>
<p>Difference over time: exp(&minus;2 q t/V) with V the volume of one zone and q = 10 L/s; after 50 s exp(&minus;2).</p>
</html>"));
end MixingOfZones;
