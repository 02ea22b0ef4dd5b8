within BioProcess.Media;
function dissociationOfPhosphate "Protons lost by phosphoric acid"
  input Real h "Hydrogen ions [mol/m3]";
  output Units.Number alpha "Mean number of protons lost";
protected
  Real K1 "First constant [mol/m3]";
  Real K2 "Second constant [mol/m3]";
  Real K3 "Third constant [mol/m3]";
algorithm
  K1 := 10^(3 - pKa_phosphate[1]);
  K2 := 10^(3 - pKa_phosphate[2]);
  K3 := 10^(3 - pKa_phosphate[3]);
  alpha := K1*(h*h + K2*(2*h + 3*K3))/(h*h*h + K1*(h*h + K2*(h + K3)));
end dissociationOfPhosphate;
