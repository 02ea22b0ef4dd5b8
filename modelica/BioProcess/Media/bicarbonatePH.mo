within BioProcess.Media;
function bicarbonatePH "pH of bicarbonate under carbon dioxide (Henderson and Hasselbalch)"
  input Units.Molarity bicarbonate "Bicarbonate";
  input Units.Pressure p_carbon_dioxide "Partial pressure of carbon dioxide";
  input Real pK "Apparent first constant";
  input Units.HenryConstant H "Solubility of carbon dioxide";
  output Units.PH pH "pH";
algorithm
  pH := pK + log10(bicarbonate/(H*p_carbon_dioxide));
end bicarbonatePH;
