within BioProcess.Data;
record AmribtNiuBogaerts2013 "Overflow metabolism of a hybridoma"
  parameter Units.Molarity K_G = 1.0016 "Half saturation of glucose uptake";
  parameter Units.Molarity K_Gd = 0.4347 "Glucose at which its protection from death is one half";
  parameter Units.Molarity K_Gn = 0.0314 "Half saturation of glutamine uptake";
  parameter Units.Molarity K_Gn1 = 0.1029 "Half saturation of glucose uptake by glutamine";
  parameter Units.Molarity K_Gnd = 0.002 "Glutamine at which its protection from death is one half";
  parameter Units.Molarity K_N = 1.9268 "Half inhibition of glutamine uptake by ammonia";
  parameter Units.MolarCellYield a = 6.722e11 "Cells per glucose: 0.6722e9/mmol";
  parameter Units.MolarCellYield cc = 3.466e11 "Cells per glutamine: 0.3466e9/mmol";
  parameter Units.Number b = 1.818 "Lactate per glucose";
  parameter Units.Number d = 0.4929 "Ammonia per glutamine";
  parameter Units.SpecificMolarRate m_G = 1.0638888888888889e-17 "Maintenance on glucose: 0.0383 mmol/(1e9 h)";
  parameter Units.SpecificMolarRate m_Gn = 6.944444444444444e-19 "Maintenance on glutamine: 0.0025 mmol/(1e9 h)";
  parameter Units.SpecificRate mu_dmax = 3.6166666666666667e-5 "Largest death rate: 0.1302 1/h";
  parameter Units.SpecificMolarRate q_Gmax1 = 8.252777777777778e-17 "Largest glucose uptake: 0.2971 mmol/(1e9 h)";
  parameter Units.SpecificMolarRate q_Gmax2 = 1.0666666666666667e-17 "Largest glucose oxidation: 0.0384 mmol/(1e9 h)";
  parameter Units.SpecificMolarRate q_Gnmax1 = 3.438888888888889e-17 "Largest glutamine uptake: 0.1238 mmol/(1e9 h)";
  parameter Units.SpecificMolarRate q_Gnmax2 = 6.055555555555556e-18 "Largest glutamine oxidation: 0.0218 mmol/(1e9 h)";
  parameter Units.MassPerCell alpha = 0 "Product per cell grown";
  parameter Units.SpecificMassRate beta = 1.1574075e-19 "Productivity: 0.4166667 mg/(1e9 h)";
  annotation(Documentation(info="<html>
<p>Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal 70:196&ndash;209.</p>
</html>"));
end AmribtNiuBogaerts2013;
