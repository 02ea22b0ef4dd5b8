within BioProcess.Tests;
model Chemostat "Continuous culture on one substrate"
  extends Icons.Example;
  parameter Units.SpecificRate mu_max = 0.5/3600 "Largest growth rate";
  parameter Units.Molarity K_S = 0.1 "Half saturation";
  parameter Units.MolarCellYield Y = 0.5e13 "Cells per substrate";
  parameter Units.Molarity S_feed = 10 "Substrate in the feed";
  parameter Units.SpecificRate D = 0.3/3600 "Dilution rate";
  constant Units.CellConcentration X_unit = 1e13 "Cells that count as 1 g/L";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.Monod kinetics(mu_max=mu_max, K_S=K_S, Y=Y),
    volume_start=1,
    c_start=Species.vector(cells_viable=1e13, glucose=1)) "Reactor";
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
  when time >= 719000 then
    assert(abs(S - K_S*D/(mu_max - D)) < 1e-4 or D >= 0.95*D_washout, "The substrate is off the steady state.");
  end when;
  annotation(
    experiment(StopTime=720000, Tolerance=1e-8, Interval=3600),
    Documentation(info="<html>
<p>Closed form: S = K<sub>s</sub> D/(&mu;<sub>max</sub> &minus; D), X = Y (S<sub>f</sub> &minus; S); washout at D =
&mu;<sub>max</sub> S<sub>f</sub>/(K<sub>s</sub> + S<sub>f</sub>).</p>
</html>"));
end Chemostat;
