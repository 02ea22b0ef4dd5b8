within BioProcess.Media;
function dissociationOfCarbonate "Protons lost by carbonic acid"
  input Real h "Hydrogen ions [mol/m3]";
  output Units.Number alpha "Mean number of protons lost";
protected
  Real K1 "First constant [mol/m3]";
  Real K2 "Second constant [mol/m3]";
algorithm
  K1 := 10^(3 - pKa_carbonate[1]);
  K2 := 10^(3 - pKa_carbonate[2]);
  alpha := K1*(h + 2*K2)/(h*h + K1*(h + K2));
end dissociationOfCarbonate;
