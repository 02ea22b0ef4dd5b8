within BioProcess.Compartments;
function zoneAmounts "Amounts in zones of the same composition"
  input Integer n "Number of zones";
  input Integer n_species "Number of species";
  input Units.Volume volumes[n] "Volume of each zone";
  input Species.Concentrations c "Concentrations";
  output Real amounts[n, n_species] "Amounts in each zone";
algorithm
  for i in 1:n loop
    for k in 1:n_species loop
      amounts[i, k] := volumes[i]*c[k];
    end for;
  end for;
end zoneAmounts;
