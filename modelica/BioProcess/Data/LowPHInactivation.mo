within BioProcess.Data;
record LowPHInactivation "Retroviruses and antibody at low pH"
  parameter Units.SpecificRate k_virus(min=0) = 6.666666666666667e-3
    "Inactivation at pH_nominal and T_nominal: 0.4 1/min, 5.2 decades in 30 min, calibrated to ASTM E2888-12";
  parameter Units.Number slope_virus = 1.5 "Decades by which it falls per unit of pH: calibrated";
  parameter Units.MolarEnergy E_virus(min=0) = 8e4 "Activation energy of inactivation: calibrated";
  parameter Units.SpecificRate k_aggregation(min=0) = 2.5e-6
    "Aggregation at pH_nominal and T_nominal: 0.9 % in 1 h, calibrated";
  parameter Units.Number slope_aggregation = 1.0 "Decades by which it falls per unit of pH: calibrated";
  parameter Units.MolarEnergy E_aggregation(min=0) = 1.0e5 "Activation energy of aggregation: calibrated";
  parameter Units.PH pH_nominal = 3.6 "Where the rates are given: ASTM E2888-12";
  parameter Units.Temperature T_nominal(min=273.15) = 298.15 "Where the rates are given: customary";
  annotation(Documentation(info="<html>
<p>ASTM E2888-12, Standard Practice for Process for Inactivation of Rodent Retrovirus by pH: at least 5 decades after 30 min
at pH 3.6 or below and 15 degC or more. The slopes are guesses: calibrated.</p>
</html>"));
end LowPHInactivation;
