within BioProcess.Chromatography.Isotherms;
model StericMassAction "Ion exchange with characteristic charges that do not depend on the pH"
  extends PartialStericMassAction;
equation
  for i in 1:n_points loop
    for k in 1:n_solutes loop
      z[i, k] = nu[k];
    end for;
  end for;
end StericMassAction;
