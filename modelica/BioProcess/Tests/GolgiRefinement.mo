within BioProcess.Tests;
model GolgiRefinement "Glycans at rest after 10 and after 20 cells of the Golgi"
  extends Icons.Example;
  parameter Units.SpecificMassRate productivity = 3e-19 "Antibody that a cell makes";
  parameter Units.Molarity glucose = 12 "Glucose";
  parameter Units.Molarity ammonia = 4 "Ammonia";
  parameter Units.Temperature temperature = 309.95 "Temperature";
  parameter Units.PH pH = 7 "pH";
  Quality.GolgiPlugFlow coarse(n_cells=10) "Golgi of 10 cells";
  Fmus.Glycosylation fine(n_cells=20) "Golgi of 20 cells";
  Fmus.ReducedGlycosylation reduced "Lumped forms";
  output Units.Fraction coarse_glycan[33] "Share of each oligosaccharide, 10 cells";
  output Units.Fraction fine_glycan[33] "Share of each oligosaccharide, 20 cells";
equation
  coarse.productivity = productivity;
  coarse.glucose = glucose;
  coarse.ammonia = ammonia;
  coarse.temperature = temperature;
  coarse.pH = pH;
  fine.productivity = productivity;
  fine.glucose = glucose;
  fine.ammonia = ammonia;
  fine.temperature = temperature;
  fine.pH = pH;
  reduced.productivity = productivity;
  reduced.glucose = glucose;
  reduced.ammonia = ammonia;
  reduced.temperature = temperature;
  reduced.pH = pH;
  coarse_glycan = coarse.glycan;
  fine_glycan = fine.glycan;
  when time >= 9000 then
    assert(abs(coarse.recovery - 1) < 1e-3 and abs(fine.recovery - 1) < 1e-3, "Oligosaccharides get lost.");
    assert(abs(fine.high_mannose + fine.hybrid + fine.g0 + fine.g1 + fine.g2 - 1) < 1e-9, "Glycans do not add up to 1.");
    assert(abs(reduced.galactose_content - fine.galactose_content) < 0.03, "The lumped forms are off those of the Golgi.");
    assert(fine.high_mannose < coarse.high_mannose, "Finer cells do not mix less.");
  end when;
  annotation(experiment(StopTime=9600, Tolerance=1e-6, Interval=600));
end GolgiRefinement;
