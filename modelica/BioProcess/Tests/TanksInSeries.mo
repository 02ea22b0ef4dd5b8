within BioProcess.Tests;
model TanksInSeries "Step response of five tanks, and what they do to virus"
  extends Icons.Example;
  parameter Integer n_tanks = 5 "Tanks";
  parameter Units.Time tau = 10 "Residence time in all tanks";
  parameter Units.SpecificRate k_virus = 4e-2 "Inactivation";
  Fmus.PlugFlowInactivation coil(n_tanks=n_tanks, reactor_volume=1e-3*tau,
    rates(k_virus=k_virus, slope_virus=0, E_virus=0, k_aggregation=0)) "Tanks";
  Feeds.StreamSource source "Step of sucrose";
  output Real F(unit="1") "Response to a step";
  output Units.Number log_reduction "Decades of virus";
equation
  connect(source.port, coil.inlet);
  source.V_flow = 1e-3;
  source.c = Species.vector(sucrose=1, acetate=50, sodium=2.3);
  F = coil.outlet.c_sucrose;
  log_reduction = coil.log_reduction;
  when time >= max(9, 45/n_tanks)*tau then
    assert(abs(F - 1) < 1e-5, "The step does not arrive.");
    assert(abs(log_reduction - n_tanks*log10(1 + k_virus*tau/n_tanks)) < 1e-5, "Virus is not reduced as in five tanks.");
  end when;
  annotation(experiment(StopTime=100, Interval=0.5));
end TanksInSeries;
