within BioProcess.Media;
function dissociation "Protons lost by an acid of one constant"
  input Real h "Hydrogen ions [mol/m3]";
  input Real pKa "Dissociation constant, as -log10 of mol/L";
  output Units.Number alpha "Mean number of protons lost";
protected
  Real K "Dissociation constant [mol/m3]";
algorithm
  K := 10^(3 - pKa);
  alpha := K/(K + h);
end dissociation;
