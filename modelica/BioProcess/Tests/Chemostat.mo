within BioProcess.Tests;
model Chemostat "Continuous culture on one substrate"
  extends Icons.Example;
  parameter Units.SpecificRate mu_max = 0.5/3600 "Largest growth rate";
  parameter Units.Molarity K_S = 0.1 "Half saturation";
  parameter Units.MolarCellYield Y = 0.5e13 "Cells per substrate";
  parameter Units.Molarity S_feed = 10 "Substrate in the feed";
  parameter Units.CellConcentration X_start = 1e13 "Biomass at the start";
  parameter Units.Molarity S_start = 1 "Substrate at the start";
  parameter Units.SpecificRate D = 0.3/3600 "Dilution rate";
  constant Units.CellConcentration X_unit = 1e13 "Cells that count as 1 g/L";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.Monod kinetics(mu_max=mu_max, K_S=K_S, Y=Y),
    volume_start=1,
    c_start=Species.vector(cells_viable=X_start, glucose=S_start)) "Reactor";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "Feed";
  output Real X "Biomass [g/L]";
  output Real S "Substrate [g/L]";
  output Units.SpecificRate D_washout "Dilution rate at which the culture washes out";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = D;
  source.c = Species.vector(glucose=S_feed);
  reactor.harvest_flow = D;
  reactor.bolus = false;
  X = reactor.harvest.c_cells_viable/X_unit;
  S = reactor.harvest.c_glucose;
  D_washout = mu_max*BioProcess.Kinetics.saturation(S_feed, K_S);
  assert(abs(X*X_unit + Y*S - Y*S_feed - (X_start + Y*S_start - Y*S_feed)*exp(-D*time)) < 1e-4*Y*S_feed,
    "Cells and substrate together are off their closed form.");
  annotation(
    experiment(StopTime=720000, Tolerance=1e-8, Interval=3600),
    Documentation(info="<html>
<p>Closed form: S = K<sub>s</sub> D/(&mu;<sub>max</sub> &minus; D), X = Y (S<sub>f</sub> &minus; S); washout at D =
&mu;<sub>max</sub> S<sub>f</sub>/(K<sub>s</sub> + S<sub>f</sub>).</p>
</html>"));
end Chemostat;
