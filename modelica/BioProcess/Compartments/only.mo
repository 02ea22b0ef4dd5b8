within BioProcess.Compartments;
function only "All of it in one zone"
  input Integer n "Number of zones";
  input Integer zone "The zone";
  output Units.Fraction share[n] "Share of each zone";
algorithm
  for i in 1:n loop
    share[i] := if i == zone then 1 else 0;
  end for;
end only;
