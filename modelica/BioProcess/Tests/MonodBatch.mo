within BioProcess.Tests;
model MonodBatch "Batch growth on one substrate"
  extends Icons.Example;
  constant Units.CellConcentration X_unit = 1e13 "Cells that count as 1 g/L";
  Reactors.UncontrolledFedBatch reactor(
    redeclare BioProcess.Kinetics.Monod kinetics(mu_max=0.5/3600, K_S=0.1, Y=0.5e13),
    volume_start=1,
    c_start=Species.vector(cells_viable=1e13, glucose=10)) "Reactor";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "No feed";
  output Real X "Biomass [g/L]";
  output Real S "Substrate [g/L]";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = 0;
  source.c = zeros(Species.n);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  X = reactor.harvest.c_cells_viable/X_unit;
  S = reactor.harvest.c_glucose;
  when time >= 7200 then
    assert(abs(X - 2.68675629091) < 1e-5, "Biomass after 2 h is off the closed form.");
  end when;
  when time >= 3.476285070897*3600 then
    assert(abs(S - 1) < 1e-4, "The substrate does not fall to 1 g/L when the closed form says.");
  end when;
  annotation(
    experiment(StopTime=13260, Tolerance=1e-8, Interval=60),
    Documentation(info="<html>
<p>Closed form: &mu;<sub>max</sub> t = (K<sub>s</sub> Y/C + 1) ln(X/X<sub>0</sub>) &minus; (K<sub>s</sub> Y/C)
ln(S/S<sub>0</sub>), C = X<sub>0</sub> + Y S<sub>0</sub>.</p>
</html>"));
end MonodBatch;
