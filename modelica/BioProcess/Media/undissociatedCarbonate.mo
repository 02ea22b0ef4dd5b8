within BioProcess.Media;
function undissociatedCarbonate "Share of total carbonic acid that is dissolved carbon dioxide"
  input Units.PH pH "pH";
  output Units.Fraction share "Share";
protected
  Real h "Hydrogen ions [mol/m3]";
  Real K1 "First constant [mol/m3]";
  Real K2 "Second constant [mol/m3]";
algorithm
  h := 10^(3 - pH);
  K1 := 10^(3 - pKa_carbonate[1]);
  K2 := 10^(3 - pKa_carbonate[2]);
  share := h*h/(h*h + K1*(h + K2));
end undissociatedCarbonate;
