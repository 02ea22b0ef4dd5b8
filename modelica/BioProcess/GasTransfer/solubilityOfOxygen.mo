within BioProcess.GasTransfer;
function solubilityOfOxygen "Henry's constant of oxygen in water"
  input Units.Temperature T "Temperature";
  output Units.HenryConstant H "Dissolved per partial pressure";
algorithm
  H := 1.3e-5*exp(1500*(1/T - 1/298.15));
  annotation(Documentation(info="<html>
<p>Source: Sander 2015, doi:10.5194/acp-15-4399-2015. Salts lower it by a tenth or so, which is not counted.</p>
</html>"));
end solubilityOfOxygen;
