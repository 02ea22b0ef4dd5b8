within BioProcess.Media;
function dissociationOfTriprotic "Protons lost by an acid that has three"
  input Real h "Hydrogen ions [mol/m3]";
  input Real pK1 "First constant";
  input Real pK2 "Second constant";
  input Real pK3 "Third constant";
  output Units.Number alpha "Mean number of protons lost";
protected
  Real K1 "First constant [mol/m3]";
  Real K2 "Second constant [mol/m3]";
  Real K3 "Third constant [mol/m3]";
algorithm
  K1 := 10^(3 - pK1);
  K2 := 10^(3 - pK2);
  K3 := 10^(3 - pK3);
  alpha := K1*(h*h + K2*(2*h + 3*K3))/(h*h*h + K1*(h*h + K2*(h + K3)));
end dissociationOfTriprotic;
