within BioProcess.Quality;
model GolgiCell "Reactions in a section of the Golgi"
  parameter Units.Molarity K[9](each min=1e-6) "Half saturation of each kind of reaction";
  input Real c[33] "Concentrations of oligosaccharides [mol/m3]";
  input Real v[7] "Largest rate of each enzyme here [mol/(m3.s)]";
  output Real change[33] "What is made less what is consumed [mol/(m3.s)]";
equation
  change = golgiTurnover(c, v, K);
end GolgiCell;
