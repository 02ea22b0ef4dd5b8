within BioProcess.Disruption;
function brokenShare "Share of the cells that a homogeniser breaks"
  input Units.Pressure pressure "Pressure drop over the valve";
  input Units.Number passes "Passes through the valve";
  input Units.Number k "Constant, at p_reference and after one pass";
  input Units.Pressure p_reference "Pressure at which k holds";
  input Units.Number exponent_pressure "Exponent of the pressure";
  input Units.Number exponent_passes "Exponent of the number of passes";
  output Units.Fraction share "Between 0 and 1";
protected
  constant Units.Number small = 1e-12 "Pressure over its reference, and passes, that are as good as none";
algorithm
  share := if pressure/p_reference < small or passes < small then 0 else
    1 - exp(-k*max(passes, small)^exponent_passes*max(pressure/p_reference, small)^exponent_pressure);
  annotation(Documentation(info="<html>
<p>ln(1/(1 &minus; R)) = k N<sup>x</sup> (p/p<sub>reference</sub>)<sup>a</sup>. Source: Hetherington, Follows, Dunnill and
Lilly 1971, Transactions of the Institution of Chemical Engineers 49:142.</p>
</html>"));
end brokenShare;
