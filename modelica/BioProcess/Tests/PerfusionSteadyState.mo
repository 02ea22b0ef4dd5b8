within BioProcess.Tests;
model PerfusionSteadyState "Perfused growth on one substrate at a set cell density"
  extends Icons.Example;
  parameter Units.SpecificRate mu_max = 0.03/3600 "Largest growth rate";
  parameter Units.Molarity K_S = 0.5 "Half saturation";
  parameter Units.MolarCellYield Y = 4e12 "Cells per substrate";
  parameter Units.Molarity S_feed = 30 "Substrate in the feed";
  parameter Units.SpecificRate D = 1.5/86400 "Flow of medium per volume";
  parameter Units.CellConcentration X_set = 5e13 "Viable cells that the bleed keeps";
  Reactors.Perfusion reactor(
    redeclare BioProcess.Kinetics.Monod kinetics(mu_max=mu_max, K_S=K_S, Y=Y),
    perfusion_min=D,
    perfusion_max=D,
    volume_start=0.1,
    c_start=Species.vector(cells_viable=4e13, glucose=5)) "Reactor";
  Vessels.Plug plug "Nothing inoculates";
  Feeds.StreamSource source "Medium";
  output Units.CellConcentration X "Viable cells";
  output Units.Molarity S "Substrate";
  output Units.SpecificRate bleed_rate "Bleed per volume";
  output Units.Fraction cell_fraction "Volume of cells per volume of broth";
equation
  connect(plug.port, reactor.inoculum);
  connect(source.port, reactor.feed);
  source.V_flow = reactor.medium_flow;
  source.c = Species.vector(glucose=S_feed);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.galactose_content = 0.8;
  reactor.high_mannose_content = 0.06;
  reactor.cell_specific_rate = 0;
  reactor.cells_set = X_set;
  X = reactor.harvest.c_cells_viable;
  S = reactor.harvest.c_glucose;
  bleed_rate = reactor.bleed_rate;
  cell_fraction = reactor.cell_fraction;
  when time >= 2590000 then
    assert(abs(X/X_set - 1) < 1e-4, "The bleed does not keep the cells.");
    assert(abs(reactor.volume - 0.1) < 1e-5, "The level control does not keep the volume.");
  end when;
  annotation(experiment(StopTime=2592000, Tolerance=1e-8, Interval=3600));
end PerfusionSteadyState;
