within BioProcess.Media;
function bufferCapacityAtPh "How much charge falls with pH"
  input Units.PH pH "pH";
  input Species.Concentrations c "Concentrations";
  output Units.Molarity beta "Minus the slope of the net charge over pH";
protected
  constant Real step = 1e-3 "Difference of pH for the slope: numerical";
algorithm
  beta := (chargeAtPh(pH - step, c) - chargeAtPh(pH + step, c))/(2*step);
end bufferCapacityAtPh;
