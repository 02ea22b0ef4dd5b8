within BioProcess.Tests;
model HybridomaFedBatch "Fed-batch culture with overflow metabolism"
  extends Icons.Example;
  parameter Units.VolumeFlowRate feed_flow = 0.1/24/3600 "Feed, once it has begun: 0.1 a day";
  parameter Units.Time feed_start = 63.5*3600 "When the feed begins";
  parameter Units.Molarity G_feed = 15 "Glucose in the feed";
  parameter Units.Molarity Gn_feed = 9.3 "Glutamine in the feed";
  parameter Units.Volume V_start = 0.30 "Volume at the start: a thousand times the published one";
  parameter Units.CellConcentration X_v_start = 0.172e12 "Viable cells at the start";
  parameter Units.CellConcentration X_d_start = 0.020e12 "Dead cells at the start";
  parameter Units.Molarity G_start = 17.83 "Glucose at the start";
  parameter Units.Molarity Gn_start = 3.74 "Glutamine at the start";
  parameter Units.Molarity Lac_start = 0.12 "Lactate at the start";
  parameter Units.Molarity N_start = 0.24 "Ammonia at the start";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.HybridomaOverflow kinetics,
    volume_start=V_start,
    c_start=Species.vector(cells_viable=X_v_start, cells_dead=X_d_start, glucose=G_start, glutamine=Gn_start,
      lactate=Lac_start, ammonia=N_start)) "Reactor";
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
protected
  Real N_made(start=0, fixed=true, nominal=1e12) "Viable cells grown less those that died";
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
  der(N_made) = reactor.volume*(reactor.kinetics.mu - reactor.kinetics.mu_d)*X_v;
  assert(abs(V*X_v - V_start*X_v_start - N_made) < 1e-4*V*X_v, "Viable cells are not what grew less what died.");
  assert(abs(V - V_start - noEvent(max(time - feed_start, 0))*feed_flow) < 1e-6*V, "The volume is not what was fed.");
  annotation(
    experiment(StopTime=720000, Tolerance=1e-8, Interval=3600),
    Documentation(info="<html>
<p>Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal 70:196; reference values from two independent integrations.</p>
</html>"));
end HybridomaFedBatch;
