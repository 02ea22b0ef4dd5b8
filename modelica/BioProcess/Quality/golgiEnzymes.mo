within BioProcess.Quality;
function golgiEnzymes "Enzymes along the Golgi, 1 where they are densest"
  input Integer n "Number of cells";
  input Real position[7] "Where each enzyme is densest, over the length";
  input Real width[7] "Standard deviation of its distribution, over the length";
  output Real density[n, 7] "Density in each cell";
algorithm
  for i in 1:n loop
    for e in 1:7 loop
      density[i, e] := exp(-0.5*(((i - 0.5)/n - position[e])/width[e])^2);
    end for;
  end for;
end golgiEnzymes;
