within BioProcess.Examples;
model PerfusionCulture "Thirty days of perfusion at 60e6 cells/mL"
  extends Icons.Example;
  Fmus.PerfusionReactor reactor(volume_start=0.05) "Reactor";
  Feeds.StreamSource medium "Medium";
  Vessels.Plug plug "Nothing inoculates";
  parameter Data.PerfusionMedium composition "Composition of the medium";
equation
  connect(plug.port, reactor.inoculum);
  connect(medium.port, reactor.feed);
  medium.V_flow = reactor.medium_flow;
  medium.c = Species.vector(
    glucose=composition.glucose, glutamine=composition.glutamine, asparagine=composition.asparagine,
    amino_acids=composition.amino_acids, carbonate=composition.carbonate, sodium=composition.sodium,
    chloride=composition.chloride, phosphate=composition.phosphate);
  reactor.harvest_flow = 0;
  reactor.bolus = false;
  reactor.galactose_content = 0.8;
  reactor.high_mannose_content = 0.06;
  reactor.cell_specific_rate = 5.787e-19;
  reactor.cells_set = 6e13;
  when time >= 2590000 then
    assert(abs(reactor.viable_cells/6e13 - 1) < 0.02, "The bleed does not keep the cells.");
    assert(abs(reactor.volume/0.05 - 1) < 1e-3, "The level control does not keep the volume.");
    assert(abs(reactor.pH - 7) < 0.1, "The pH leaves its band.");
  end when;
  annotation(experiment(StopTime=2592000, Interval=3600));
end PerfusionCulture;
