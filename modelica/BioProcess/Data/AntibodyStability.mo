within BioProcess.Data;
record AntibodyStability "How fast a formulated antibody ages"
  parameter Units.SecondOrderRate k_aggregation(min=0) = 6.4e-12
    "Aggregation at T_nominal: 1 % in 6 months at 100 g/L and 25 degC, calibrated";
  parameter Units.MolarEnergy E_aggregation(min=0) = 1.0e5 "Activation energy of aggregation: calibrated";
  parameter Units.SpecificRate k_acidic(min=0) = 7.7e-9
    "Main form to acidic variants at T_nominal: 2 % in a month at 25 degC, calibrated";
  parameter Units.MolarEnergy E_acidic(min=0) = 9.0e4 "Activation energy of deamidation: calibrated";
  parameter Units.Temperature T_nominal(min=273.15) = 298.15 "Where the rates are given: customary";
  annotation(Documentation(info="<html>
<p>Guesses of the right size, to be replaced by those of a stability study.</p>
</html>"));
end AntibodyStability;
