within BioProcess.Data;
record XuJahicEnfors1999 "Overflow metabolism of Escherichia coli"
  parameter Units.BiomassMolarRate q_S_max(min=0) = 0.001927342 "Largest uptake of glucose: 1.25 g/(g.h)";
  parameter Units.Molarity K_S(min=1e-6) = 0.2775372 "Half saturation of glucose: 0.05 g/L";
  parameter Units.BiomassMolarRate q_O_max(min=0) = 0.004166667 "Largest uptake of oxygen: 15 mmol/(g.h)";
  parameter Units.BiomassMolarRate q_A_max(min=0) = 0.0009251242 "Largest uptake of acetate: 0.2 g/(g.h)";
  parameter Units.Molarity K_A(min=1e-6) = 0.8326117 "Half saturation of acetate: 0.05 g/L";
  parameter Units.Molarity KI_S(min=1e-6) = 83.26117 "Half inhibition of the uptake of glucose by acetate: 5 g/L";
  parameter Units.Molarity KI_O(min=1e-6) = 66.60894 "Half inhibition of respiration by acetate: 4 g/L";
  parameter Units.BiomassMolarRate q_m(min=0) = 6.167494e-05 "Maintenance on glucose: 0.04 g/(g.h)";
  parameter Units.MolarMassYield Y_oxidative(min=0, max=0.12) = 0.09187956 "Dry mass per glucose, oxidative, less maintenance: 0.51 g/g";
  parameter Units.MolarMassYield Y_overflow(min=0, max=0.12) = 0.0270234 "Dry mass per glucose that overflows: 0.15 g/g";
  parameter Units.MolarMassYield Y_acetate(min=0, max=0.04) = 0.0240208 "Dry mass per acetate: 0.4 g/g";
  annotation(Documentation(info="<html>
<p>Equations and magnitude of the constants after Xu, Jahic and Enfors 1999, Biotechnology Progress 15:81, doi:10.1021/bp9801087.
The values here are rounded, for a strain in a mineral medium at 37 degC: calibrated.</p>
</html>"));
end XuJahicEnfors1999;
