within BioProcess.Tests;
model HybridomaFedBatch "Fed-batch culture with overflow metabolism"
  extends Icons.Example;
  parameter Units.VolumeFlowRate feed_flow = 0.1/24/3600 "Feed, once it has begun: 0.1 a day";
  parameter Units.Time feed_start = 63.5*3600 "When the feed begins";
  parameter Units.Molarity G_feed = 15 "Glucose in the feed";
  parameter Units.Molarity Gn_feed = 9.3 "Glutamine in the feed";
  parameter Boolean is_published = true "= true, to compare with the reference of the published values";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.HybridomaOverflow kinetics,
    volume_start=0.30,
    c_start=Species.vector(cells_viable=0.172e12, cells_dead=0.020e12, glucose=17.83, glutamine=3.74,
      lactate=0.12, ammonia=0.24))
      "Reactor, a thousand times the published volume";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "Feed";
  output Units.Volume V "Volume";
  output Units.CellConcentration X_v "Viable cells";
  output Units.CellConcentration X_d "Dead cells";
  output Units.Molarity G "Glucose";
  output Units.Molarity Gn "Glutamine";
  output Units.Molarity Lac "Lactate";
  output Units.Molarity N "Ammonia";
  output Units.MassConcentration P "Product";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = if time < feed_start then 0 else feed_flow;
  source.c = Species.vector(glucose=G_feed, glutamine=Gn_feed);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  V = reactor.volume;
  X_v = reactor.harvest.c_cells_viable;
  X_d = reactor.harvest.c_cells_dead;
  G = reactor.harvest.c_glucose;
  Gn = reactor.harvest.c_glutamine;
  Lac = reactor.harvest.c_lactate;
  N = reactor.harvest.c_ammonia;
  P = reactor.harvest.c_mab;
  when time >= 96*3600 then
    assert(not is_published or abs(X_v/2.729265e12 - 1) < 1e-4, "Viable cells after 96 h are off the reference.");
    assert(not is_published or abs(Lac/28.25516 - 1) < 1e-4, "Lactate after 96 h is off the reference.");
  end when;
  annotation(
    experiment(StopTime=720000, Tolerance=1e-8, Interval=3600),
    Documentation(info="<html>
<p>Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal 70:196; reference values from two independent integrations.</p>
</html>"));
end HybridomaFedBatch;
