within BioProcess.Chromatography.Isotherms;
model Langmuir "Competition for one kind of site, at a finite rate"
  extends PartialIsotherm;
  parameter Real k_ads[n_solutes] "Adsorption, per amount/m3 of free sites and time";
  parameter Units.SpecificRate k_des[n_solutes] "Desorption";
  parameter Real q_max[n_solutes] "Capacities per volume of solid [amount/m3]";
protected
  Units.Fraction free[n_points] "Share of the sites that is free";
equation
  for i in 1:n_points loop
    free[i] = 1 - q[i, :]*(ones(n_solutes)./q_max);
    for k in 1:n_solutes loop
      r[i, k] = k_ads[k]*q_max[k]*free[i]*c[i, k] - k_des[k]*q[i, k];
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>r = k<sub>ads</sub> c q<sub>max</sub> (1 &minus; &Sigma; q/q<sub>max</sub>) &minus; k<sub>des</sub> q.</p>
</html>"));
end Langmuir;
