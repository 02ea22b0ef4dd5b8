within BioProcess.Tests;
model CellDisruption "A homogeniser breaks cells, and the centrifuge behind it clears the lysate"
  extends Icons.Example;
  Disruption.HighPressureValve valve(pressure=6e7, passes=2) "Homogeniser";
  Disruption.HighPressureValve first(pressure=6e7, passes=1) "The first of two with one pass each";
  Disruption.HighPressureValve second(pressure=6e7, passes=1) "The second";
  Separation.Centrifuge harvest "Centrifuge of whole cells";
  Separation.Centrifuge clarifier "Centrifuge of the lysate";
  Feeds.StreamSource broth(T=283.15) "Broth of 30 g/L, as harvested";
  Feeds.StreamSource same(T=283.15) "The same broth";
  Feeds.StreamSource again(T=283.15) "The same broth";
  Vessels.Pipe pipe "From the homogeniser to the centrifuge";
  Vessels.Pipe between "Between the two";
protected
  constant Units.VolumeFlowRate V_flow = 2e-5 "72 L/h";
  constant Species.Concentrations c = Species.vector(biomass=30, antigen=3, ammonia=50, sodium=60) "Broth";
  final parameter Units.Fraction R = 1 - exp(-2.5e-4*2*60^2.2) "Share of the cells that breaks";
  Real carbon(unit="mol/s") "Carbon that the homogeniser makes, less what it consumes";
  Real nitrogen(unit="mol/s") "The same of nitrogen";
equation
  connect(broth.port, valve.inlet);
  connect(valve.outlet, pipe.from);
  connect(pipe.to, clarifier.feed);
  connect(same.port, harvest.feed);
  connect(again.port, first.inlet);
  connect(first.outlet, between.from);
  connect(between.to, second.inlet);
  broth.V_flow = V_flow;
  same.V_flow = V_flow;
  again.V_flow = V_flow;
  broth.c = c;
  same.c = c;
  again.c = c;
  carbon = Species.Hcp.carbon*valve.outlet.c_hcp + Species.Dna.carbon*valve.outlet.c_dna
    + Species.Debris.carbon*valve.outlet.c_debris + Species.AminoAcids.carbon*valve.outlet.c_amino_acids
    + Species.Glucose.carbon*valve.outlet.c_glucose + Species.Biomass.carbon*(valve.outlet.c_biomass - 30);
  nitrogen = Species.Hcp.nitrogen*valve.outlet.c_hcp + Species.Dna.nitrogen*valve.outlet.c_dna
    + Species.Debris.nitrogen*valve.outlet.c_debris + Species.AminoAcids.nitrogen*valve.outlet.c_amino_acids
    + Species.Biomass.nitrogen*(valve.outlet.c_biomass - 30);
  when time >= 3000 then
    assert(abs(valve.broken - R) < 1e-9, "The homogeniser breaks another share of the cells.");
    assert(abs(valve.outlet.c_biomass - 30*(1 - R)) < 1e-9, "Another share of the cells stays whole.");
    assert(abs(second.outlet.c_hcp/valve.outlet.c_hcp - 1) < 1e-9, "Two passes in two homogenisers break other than in one.");
    assert(abs(valve.outlet.T - 283.15 - 2*6e7/4.18e6) < 1e-9, "The valve heats other than by its pressure.");
    assert(abs(carbon) < 1e-9*30*40.6, "Carbon is not kept.");
    assert(abs(nitrogen) < 1e-9*30*8.1, "Nitrogen is not kept.");
    assert(abs(valve.inside - (1 - R)) < 1e-9, "Antigen is inside of cells that are broken.");
    assert(
      harvest.solids.V_flow*harvest.solids.c_antigen > 0.9*V_flow*3
        and abs(harvest.solids.c_antigen/harvest.solids.c_biomass - 0.1) < 1e-9,
      "Antigen does not stay with the cells that it is in.");
    assert(
      clarifier.centrate.V_flow*clarifier.centrate.c_antigen > 0.7*V_flow*3,
      "Antigen that is set free does not come with the clear liquid.");
    assert(
      clarifier.centrate.V_flow*clarifier.centrate.c_biomass < 0.1*V_flow*30*(1 - R),
      "Cells that stay whole do not go with the solids.");
  end when;
  annotation(experiment(StopTime=3600, Interval=10));
end CellDisruption;
