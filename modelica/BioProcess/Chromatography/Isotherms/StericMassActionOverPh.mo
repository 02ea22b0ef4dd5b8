within BioProcess.Chromatography.Isotherms;
model StericMassActionOverPh "Ion exchange with characteristic charges that change with the pH"
  extends PartialStericMassAction;
  input Units.PH pH[n_points] = fill(7.0, n_points) "pH at the points";
  parameter Units.PH pH_reference = 7 "pH at which the characteristic charges are nu: customary";
  parameter Units.Number nu_pH[n_solutes] = zeros(n_solutes) "Their change per unit of pH, of the salt 0";
  parameter Units.Number z_small = 0.01 "Charge that is as good as none: numerical";
equation
  for i in 1:n_points loop
    z[i, 1] = 0;
    for k in 2:n_solutes loop
      z[i, k] = positive(nu[k] + nu_pH[k]*(pH[i] - pH_reference), z_small);
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>z = &nu; + (d&nu;/dpH) (pH &minus; pH<sub>reference</sub>), and never below zero: the charge of a protein near its isoelectric
point falls nearly in proportion to the pH. Sites stay taken as at the reference.</p>
</html>"));
end StericMassActionOverPh;
