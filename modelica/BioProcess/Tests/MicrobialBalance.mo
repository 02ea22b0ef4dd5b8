within BioProcess.Tests;
model MicrobialBalance "Carbon and nitrogen of a microbe: overflowing, short of oxygen, on acetate, starving"
  extends Icons.Example;
  Kinetics.MicrobialOverflow cells[4](
    each T=310.15, each pH=7, each age=0, oxygen={0.2, 0.001, 0.2, 0.2}, induction={0, 0.7, 1, 0},
    each k_lysis=1e-6) "Cells under four conditions";
  output Real carbon_made[4](each unit="mol/(m3.s)") "Carbon made, less carbon consumed";
  output Real nitrogen_made[4](each unit="mol/(m3.s)") "Nitrogen made, less nitrogen consumed";
  output Real carbon_error(unit="mol/(m3.s)") "Largest of the former";
  output Real nitrogen_error(unit="mol/(m3.s)") "Largest of the latter";
protected
  constant Units.MassConcentration X = 10 "Dry mass";
  Species.Concentrations made[4] "Made, less consumed";
equation
  cells[1].c = Species.vector(biomass=X, glucose=50, ammonia=50);
  cells[2].c = Species.vector(biomass=X, glucose=50, ammonia=50, acetate=10);
  cells[3].c = Species.vector(biomass=X, ammonia=50, acetate=40);
  cells[4].c = Species.vector(biomass=X, ammonia=50);
  for i in 1:4 loop
    made[i, :] = cells[i].made - cells[i].consumed;
    carbon_made[i] = Species.Biomass.carbon*made[i, Species.Biomass.index] + Species.Glucose.carbon*made[i, Species.Glucose.index]
      + Species.Acetate.carbon*made[i, Species.Acetate.index] + Species.Carbonate.carbon*made[i, Species.Carbonate.index]
      + Species.Antigen.carbon*made[i, Species.Antigen.index] + Species.Hcp.carbon*made[i, Species.Hcp.index]
      + Species.Dna.carbon*made[i, Species.Dna.index] + Species.Debris.carbon*made[i, Species.Debris.index]
      + Species.AminoAcids.carbon*made[i, Species.AminoAcids.index];
    nitrogen_made[i] = Species.Biomass.nitrogen*made[i, Species.Biomass.index] + Species.Ammonia.nitrogen*made[i, Species.Ammonia.index]
      + Species.Antigen.nitrogen*made[i, Species.Antigen.index] + Species.Hcp.nitrogen*made[i, Species.Hcp.index]
      + Species.Dna.nitrogen*made[i, Species.Dna.index] + Species.Debris.nitrogen*made[i, Species.Debris.index]
      + Species.AminoAcids.nitrogen*made[i, Species.AminoAcids.index];
  end for;
  carbon_error = max(abs(carbon_made));
  nitrogen_error = max(abs(nitrogen_made));
  when time >= 0.5 then
    assert(carbon_error < 1e-9, "Carbon of the microbe is not kept.");
    assert(nitrogen_error < 1e-9, "Nitrogen of the microbe is not kept.");
    assert(abs(cells[1].mu*3600 - 0.565) < 0.001, "Cells on plenty of glucose grow other than at 0.565 1/h.");
    assert(
      cells[1].made[Species.Acetate.index] > 0 and cells[2].made[Species.Acetate.index] > cells[1].made[Species.Acetate.index],
      "Less oxygen does not make more glucose overflow.");
    assert(cells[3].mu > 0 and cells[3].consumed[Species.Acetate.index] > 0, "Cells do not grow on acetate.");
    assert(cells[4].mu < 0 and cells[4].oxygen_uptake > 0, "Cells that starve do not respire their own mass.");
  end when;
  annotation(experiment(StopTime=1, Interval=1));
end MicrobialBalance;
