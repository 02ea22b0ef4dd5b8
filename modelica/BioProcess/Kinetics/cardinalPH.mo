within BioProcess.Kinetics;
function cardinalPH "Share of growth at a pH"
  input Units.PH pH "pH";
  input Units.PH pH_min "Below it nothing grows";
  input Units.PH pH_opt "Where growth is fastest";
  input Units.PH pH_max "Above it nothing grows";
  output Units.Fraction share "Between 0 and 1";
protected
  Real p "pH, kept within its ends";
algorithm
  p := min(max(pH, pH_min), pH_max);
  share := (p - pH_min)*(p - pH_max)/((p - pH_min)*(p - pH_max) - (p - pH_opt)^2);
  annotation(Documentation(info="<html>
<p>Source: Rosso et al. 1995, doi:10.1128/aem.61.2.610-616.1995.</p>
</html>"));
end cardinalPH;
