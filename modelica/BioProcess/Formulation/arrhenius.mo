within BioProcess.Formulation;
function arrhenius "How much faster a reaction runs at a temperature than at another"
  input Units.Temperature T "Temperature";
  input Units.Temperature T_nominal "Temperature where the factor is 1";
  input Units.MolarEnergy E "Activation energy";
  output Units.Number factor "Rate over that at T_nominal";
protected
  constant Real R(unit="J/(mol.K)") = 8.314462618 "Gas constant, SI";
algorithm
  factor := exp(E/R*(1/T_nominal - 1/T));
end arrhenius;
