within BioProcess.Tests;
model TanksInSeries "Step response of five tanks, and what they do to virus"
  extends Icons.Example;
  Fmus.PlugFlowInactivation coil(n_tanks=5, reactor_volume=0.01,
    rates(k_virus=4e-2, slope_virus=0, E_virus=0, k_aggregation=0)) "Five tanks, tau 10 s";
  Feeds.StreamSource source "Step of sucrose";
  output Real F(unit="1") "Response to a step";
  output Units.Number log_reduction "Decades of virus";
equation
  connect(source.port, coil.inlet);
  source.V_flow = 1e-3;
  source.c = Species.vector(sucrose=1, acetate=50, sodium=2.3);
  F = coil.outlet.c_sucrose;
  log_reduction = coil.log_reduction;
  when time >= 90 then
    assert(abs(F - 1) < 1e-5, "The step does not arrive.");
    assert(abs(log_reduction - 5*log10(1 + coil.rates.k_virus*10/5)) < 1e-5, "Virus is not reduced as in five tanks.");
  end when;
  annotation(experiment(StopTime=100, Interval=0.5));
end TanksInSeries;
