within BioProcess.Chromatography.Isotherms;
model Linear "Binding in proportion to the concentration, at a finite rate"
  extends PartialIsotherm;
  parameter Units.SpecificRate k_ads[n_solutes] = ones(n_solutes) "Adsorption";
  parameter Units.SpecificRate k_des[n_solutes] = ones(n_solutes) "Desorption";
equation
  for i in 1:n_points loop
    for k in 1:n_solutes loop
      r[i, k] = k_ads[k]*c[i, k] - k_des[k]*q[i, k];
    end for;
  end for;
end Linear;
