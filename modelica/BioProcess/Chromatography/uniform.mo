within BioProcess.Chromatography;
function uniform "The same amounts at every point"
  input Integer n "Number of points";
  input Integer n_solutes "Number of solutes";
  input Real amounts[n_solutes] "Amounts at each point";
  output Real profile[n, n_solutes] "Amounts at all points";
algorithm
  for i in 1:n loop
    for k in 1:n_solutes loop
      profile[i, k] := amounts[k];
    end for;
  end for;
end uniform;
