within BioProcess.Compartments;
function stackedExchange "Flows between zones that stand above each other"
  input Integer n "Number of zones";
  input Units.VolumeFlowRate neighbour_flow "Flow up and flow down between neighbours";
  output Units.VolumeFlowRate exchange[n, n] "Flow from the zone of the row to the zone of the column";
algorithm
  for i in 1:n loop
    for j in 1:n loop
      exchange[i, j] := if i == j + 1 or j == i + 1 then neighbour_flow else 0;
    end for;
  end for;
end stackedExchange;
