within BioProcess.VirusSafety;
function lowPHRate "Rate constant that rises tenfold for a step down in pH, and with temperature"
  input Units.PH pH "pH";
  input Units.Temperature T "Temperature";
  input Units.SpecificRate k "Rate constant at pH_nominal and T_nominal";
  input Units.PH pH_nominal "pH of that";
  input Units.Temperature T_nominal "Temperature of that";
  input Units.Number slope "Decades by which it falls per unit of pH";
  input Units.MolarEnergy E "Activation energy";
  output Units.SpecificRate rate "Rate constant";
protected
  constant Real R(unit="J/(mol.K)") = 8.314462618 "Gas constant, SI";
algorithm
  rate := k*10^(-slope*(pH - pH_nominal))*exp(E/R*(1/T_nominal - 1/T));
  annotation(Documentation(info="<html>
<p>k 10<sup>&minus;slope (pH &minus; pH<sub>nominal</sub>)</sup> exp(E/R (1/T<sub>nominal</sub> &minus; 1/T)).</p>
</html>"));
end lowPHRate;
