within BioProcess.Kinetics;
model ConditionedMabCulture "CHO culture that takes notice of temperature, pH and oxygen"
  extends MabCulture(
    growth_factor=cardinalTemperature(T, T_min, T_opt, T_max)*cardinalPH(pH, pH_min, pH_opt, pH_max)
      *saturation(noEvent(max(oxygen, 0)), K_oxygen),
    product_factor=(1 + cold_gain*noEvent(min(max(T_opt - T, 0), T_opt - T_min))/5)
      *cardinalPH(pH, pH_min, pH_opt, pH_max)*saturation(noEvent(max(oxygen, 0)), K_oxygen),
    mu_stress=heat_death*noEvent(max(T - T_max, 0)));
  parameter Units.Temperature T_min = 301.15 "Below it nothing grows: 28 degC, calibrated";
  parameter Units.Temperature T_opt = 309.95 "Where growth is fastest: 36.8 degC, customary";
  parameter Units.Temperature T_max = 314.65 "Above it nothing grows: 41.5 degC, calibrated";
  parameter Real heat_death(unit="1/(s.K)", min=0) = 5e-6
    "Death rate that each kelvin above T_max adds: 1.8 % an hour, calibrated";
  parameter Units.PH pH_min = 6.2 "Below it nothing grows: calibrated";
  parameter Units.PH pH_opt = 7.0 "Where growth is fastest: customary";
  parameter Units.PH pH_max = 7.9 "Above it nothing grows: calibrated";
  parameter Units.Number cold_gain(min=0) = 0.3 "Productivity gained by 5 K below the optimum: calibrated";
  parameter Units.SpecificMolarRate q_oxygen(min=0) = 6.9e-17 "Uptake of oxygen by a cell: 0.25 pmol/h, calibrated";
  parameter Units.Molarity K_oxygen(min=1e-6) = 0.002 "Half saturation of oxygen: calibrated";
  input Units.Temperature T "Temperature";
  input Units.PH pH "pH";
  input Units.Molarity oxygen "Dissolved oxygen";
  output Units.MolarVolumetricRate oxygen_uptake "Oxygen that the cells take up";
equation
  oxygen_uptake = q_oxygen*cardinalTemperature(T, T_min, T_opt, T_max)*X*saturation(noEvent(max(oxygen, 0)), K_oxygen);
  annotation(Documentation(info="<html>
<p>Growth and productivity of MabCulture times cardinal functions of temperature and pH and a saturation by oxygen. Cold
cells grow less and make more.</p>
<h4>Limitations</h4>
<p>Of the conditions only heat kills. The ends of the ranges are guesses.</p>
<h4>References</h4>
<p>Rosso, Lobry and Flandrois 1993, doi:10.1006/jtbi.1993.1099; Rosso et al. 1995, doi:10.1128/aem.61.2.610-616.1995.</p>
</html>"));
end ConditionedMabCulture;
