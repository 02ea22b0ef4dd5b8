within BioProcess.Data;
record AntibodyStability "How fast an antibody ages"
  parameter Units.SecondOrderRate k_aggregation(min=0) = 6.4e-12
    "Aggregation at T_nominal: 1 % in 6 months at 100 g/L and 25 degC, calibrated";
  parameter Units.SpecificRate k_aggregation_first(min=0) = 0 "Aggregation of first order at T_nominal";
  parameter Units.MolarEnergy E_aggregation(min=0) = 1.0e5 "Activation energy of aggregation: calibrated";
  parameter Units.Number slope_aggregation = 0 "Decades by which aggregation rises per unit of pH";
  parameter Units.SpecificRate k_acidic(min=0) = 7.7e-9
    "Main form to acidic variants at T_nominal: 2 % in a month at 25 degC, calibrated";
  parameter Units.MolarEnergy E_acidic(min=0) = 9.0e4 "Activation energy of deamidation: calibrated";
  parameter Units.Number slope_acidic = 0 "Decades by which turning acidic rises per unit of pH: 1 where base catalyses it";
  parameter Units.PH pH_nominal = 6 "Where the rates are given: customary";
  parameter Units.Temperature T_nominal(min=273.15) = 298.15 "Where the rates are given: customary";
  annotation(Documentation(info="<html>
<p>Guesses of the right size, for a formulated antibody, to be replaced by those of a stability study. The
rates depend on the pH once slopes are given.</p>
</html>"));
end AntibodyStability;
