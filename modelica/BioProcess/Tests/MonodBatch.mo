within BioProcess.Tests;
model MonodBatch "Batch growth on one substrate"
  extends Icons.Example;
  constant Units.CellConcentration X_unit = 1e13 "Cells that count as 1 g/L";
  parameter Units.SpecificRate mu_max = 0.5/3600 "Largest growth rate";
  parameter Units.Molarity K_S = 0.1 "Half saturation";
  parameter Units.MolarCellYield Y = 0.5e13 "Cells per substrate";
  parameter Units.CellConcentration X_start = 1e13 "Biomass at the start";
  parameter Units.Molarity S_start = 10 "Substrate at the start";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.Monod kinetics(mu_max=mu_max, K_S=K_S, Y=Y),
    volume_start=1,
    c_start=Species.vector(cells_viable=X_start, glucose=S_start)) "Reactor";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "No feed";
  output Real X "Biomass [g/L]";
  output Real S "Substrate [g/L]";
protected
  constant Units.Fraction S_small = 1e-3 "Share of the substrate that is as good as none";
  parameter Units.Number ratio = K_S*Y/(X_start + Y*S_start) "Half saturation over all that can grow";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = 0;
  source.c = zeros(Species.n);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  X = reactor.harvest.c_cells_viable/X_unit;
  S = reactor.harvest.c_glucose;
  assert(S < S_small*S_start
    or abs((ratio + 1)*log(X*X_unit/X_start) - ratio*log(S/S_start) - mu_max*time) < 1e-3*(1 + ratio),
    "The batch is off its closed form.");
  annotation(
    experiment(StopTime=13260, Tolerance=1e-8, Interval=60),
    Documentation(info="<html>
<p>Closed form: &mu;<sub>max</sub> t = (K<sub>s</sub> Y/C + 1) ln(X/X<sub>0</sub>) &minus; (K<sub>s</sub> Y/C)
ln(S/S<sub>0</sub>), C = X<sub>0</sub> + Y S<sub>0</sub>.</p>
</html>"));
end MonodBatch;
