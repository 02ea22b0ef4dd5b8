within BioProcess.Data;
record KorneckiStrube2018 "Growth of a CHO cell line that makes an antibody"
  parameter Units.Molarity K_glucose(min=1e-6) = 1 "Half saturation of glucose";
  parameter Units.Molarity K_glutamine(min=1e-6) = 0.047 "Half saturation of glutamine";
  parameter Units.Molarity KI_lactate(min=1e-6) = 60 "Half inhibition by lactate";
  parameter Units.Molarity KI_ammonia(min=1e-6) = 8 "Half inhibition by ammonia";
  parameter Units.MolarCellYield Y_glucose(min=1) = 4.0e11 "Cells per glucose: 0.40e9/mmol";
  parameter Units.MolarCellYield Y_glutamine(min=1) = 9.74e11 "Cells per glutamine: 0.974e9/mmol";
  parameter Units.Number Y_ammonia(min=0) = 0.67 "Ammonia per glutamine";
  annotation(Documentation(info="<html>
<p>Kornecki and Strube 2018, Bioengineering 5:25, Table 2, doi:10.3390/bioengineering5010025.</p>
</html>"));
end KorneckiStrube2018;
