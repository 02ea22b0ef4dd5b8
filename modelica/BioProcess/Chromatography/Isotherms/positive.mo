within BioProcess.Chromatography.Isotherms;
function positive "A quantity kept above zero, smoothly"
  input Real x "Quantity";
  input Real x_small "Value below which it is as good as none";
  output Real y "x where x is well above x_small, towards 0 otherwise";
algorithm
  y := if x > 0 then 0.5*(x + sqrt(x^2 + x_small^2)) else 0.5*x_small^2/(sqrt(x^2 + x_small^2) - x);
end positive;
