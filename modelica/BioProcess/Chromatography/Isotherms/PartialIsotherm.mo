within BioProcess.Chromatography.Isotherms;
partial model PartialIsotherm "Rate of binding at several points of a column"
  parameter Integer n_points = 1 "Number of points: from the column";
  parameter Integer n_solutes = 1 "Number of solutes: from the column";
  input Real c[n_points, n_solutes] "Concentrations in the liquid [amount/m3]";
  input Real q[n_points, n_solutes] "Loadings per volume of solid [amount/m3]";
  output Real r[n_points, n_solutes] "What binds per volume of solid [amount/(m3.s)]";
end PartialIsotherm;
