within BioProcess.Media;
function volumetricEnthalpy "Enthalpy of a volume of dilute aqueous liquid, zero at 0 degC"
  input Units.Temperature T "Temperature";
  output Units.VolumetricEnthalpy h "Enthalpy per volume";
algorithm
  h := volumetricHeatCapacity*(T - T_zero);
  annotation(Documentation(info="<html>
<p>h = &rho; c<sub>p</sub> (T &minus; 273.15 K) with the constant heat capacity of water. Volumes add.</p>
</html>"));
end volumetricEnthalpy;
