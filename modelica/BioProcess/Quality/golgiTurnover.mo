within BioProcess.Quality;
function golgiTurnover "How fast the enzymes of the Golgi turn oligosaccharides over"
  input Real c[33] "Concentrations of oligosaccharides [mol/m3]";
  input Real v[7] "Largest rate of each enzyme here [mol/(m3.s)]";
  input Real K[9] "Half saturation of each kind of reaction [mol/m3]";
  output Real change[33] "What is made less what is consumed [mol/(m3.s)]";
protected
  Real bound[43] "Substrate of each reaction over its half saturation";
  Real occupied[7] "1 and all substrates of an enzyme over their half saturations";
  Real r "Rate of a reaction";
algorithm
  for e in 1:7 loop
    occupied[e] := 1;
  end for;
  for j in 1:43 loop
    bound[j] := max(c[GolgiNetwork.substrate[j]], 0)/K[GolgiNetwork.kind[j]];
    occupied[GolgiNetwork.enzyme[j]] := occupied[GolgiNetwork.enzyme[j]] + bound[j];
  end for;
  for k in 1:33 loop
    change[k] := 0;
  end for;
  for j in 1:43 loop
    r := v[GolgiNetwork.enzyme[j]]*bound[j]/occupied[GolgiNetwork.enzyme[j]];
    change[GolgiNetwork.substrate[j]] := change[GolgiNetwork.substrate[j]] - r;
    change[GolgiNetwork.product[j]] := change[GolgiNetwork.product[j]] + r;
  end for;
  annotation(Documentation(info="<html>
<p>Michaelis and Menten, with all substrates of an enzyme competing for it: r<sub>j</sub> = v<sub>e</sub>
(c<sub>j</sub>/K<sub>j</sub>)/(1 + &Sigma; c<sub>i</sub>/K<sub>i</sub>).</p>
</html>"));
end golgiTurnover;
