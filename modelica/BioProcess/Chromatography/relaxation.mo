within BioProcess.Chromatography;
function relaxation "Speed at which a pH runs to where the charge is balanced"
  input Units.PH pH "pH";
  input Species.Concentrations c "Concentrations";
  input Units.Time tau "Lag";
  output Real speed(unit="1/s") "Change of pH per time";
algorithm
  speed := Media.chargeAtPh(pH, c)/(Media.bufferCapacityAtPh(pH, c)*tau);
end relaxation;
