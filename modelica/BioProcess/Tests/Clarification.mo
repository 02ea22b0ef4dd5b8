within BioProcess.Tests;
model Clarification "What a centrifuge in steady state sends where"
  extends Icons.Example;
  Separation.Centrifuge centrifuge(debris_cell=0) "Centrifuge of cells that leave no debris";
  Feeds.StreamSource broth "Broth";
  output Units.Fraction lost "Share of the antibody that goes with the solids";
  Separation.Centrifuge breaking(lysis=0.1) "Centrifuge that breaks many cells";
  Feeds.StreamSource same "The same broth";
  output Units.Fraction escaped "Share of the whole viable cells that go with the centrate";
protected
  constant Units.CellConcentration viable = 1.6e13 "Viable cells in the broth";
  constant Units.CellConcentration dead = 4e12 "Dead cells in the broth";
  constant Units.Fraction whole = 0.98 "Share of the cells that the feed zone leaves whole";
  constant Units.Fraction phi = 2.25e-15*whole*2e13 "Volume fraction of whole cells";
  constant Units.Fraction split = phi*0.998/0.55 "Share of the flow that leaves as solids";
equation
  connect(broth.port, centrifuge.feed);
  broth.V_flow = 1e-4;
  broth.c = Species.vector(cells_viable=viable, cells_dead=dead, glucose=10, mab=4, hcp=0.2);
  connect(same.port, breaking.feed);
  same.V_flow = broth.V_flow;
  same.c = broth.c;
  lost = centrifuge.solids.V_flow*centrifuge.solids.c_mab/(1e-4*4);
  escaped = centrifuge.centrate.V_flow*centrifuge.centrate.c_cells_viable/(1e-4*viable*whole);
  when time >= 3000 then
    assert(abs(centrifuge.solids.V_flow/1e-4 - split) < 1e-6, "The solids are not packed as declared.");
    assert(
      abs(2.25e-15*(centrifuge.solids.c_cells_viable + centrifuge.solids.c_cells_dead) - 0.55) < 1e-6,
      "The cells in the solids are not packed as declared.");
    assert(abs(lost - split*0.45/(1 - phi)) < 1e-6, "The liquid between the cells carries another share of the antibody.");
    assert(abs(escaped - 0.002) < 1e-6, "Another share of the cells slips into the centrate than declared.");
    assert(
      abs(centrifuge.made_hcp_total/(1e-4*time*0.02*2e13*1.5e-13) - 1) < 1e-6,
      "Broken cells do not release the protein that they hold.");
    assert(
      abs(centrifuge.centrate.c_hcp/(0.2 + 0.02*2e13*1.5e-13)/(centrifuge.centrate.c_mab/4) - 1) < 1e-6,
      "Protein of the liquid is split other than antibody.");
    assert(
      abs(breaking.made_debris_total/(1e-4*time*0.1*2e13*6.3e-14) - 1) < 1e-6
        and abs(breaking.made_dna_total/(1e-4*time*0.1*2e13*7e-15) - 1) < 1e-6,
      "Broken cells do not leave the debris and the DNA that they hold.");
    assert(
      abs(2.25e-15*(breaking.solids.c_cells_viable + breaking.solids.c_cells_dead) + 0.0102*breaking.solids.c_debris - 0.55)
        < 1e-6,
      "Cells and debris in the solids are not packed as declared.");
    assert(breaking.centrate.c_debris > 0.5*2e12*6.3e-14, "Fine debris does not slip into the centrate.");
  end when;
  annotation(experiment(StopTime=3600, Interval=10));
end Clarification;
