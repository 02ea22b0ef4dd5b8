within BioProcess.Kinetics;
function cardinalTemperature "Share of growth at a temperature"
  input Units.Temperature T "Temperature";
  input Units.Temperature T_min "Below it nothing grows";
  input Units.Temperature T_opt "Where growth is fastest";
  input Units.Temperature T_max "Above it nothing grows";
  output Units.Fraction share "Between 0 and 1";
protected
  Real t "Temperature, kept within its ends";
algorithm
  t := min(max(T, T_min), T_max);
  share := (t - T_max)*(t - T_min)^2/((T_opt - T_min)*((T_opt - T_min)*(t - T_opt) - (T_opt - T_max)*(T_opt + T_min
    - 2*t)));
  annotation(Documentation(info="<html>
<p>Needs T_opt above the middle of T_min and T_max. Source: Rosso, Lobry and Flandrois 1993,
doi:10.1006/jtbi.1993.1099.</p>
</html>"));
end cardinalTemperature;
