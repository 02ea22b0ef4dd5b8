within BioProcess.Chromatography.Isotherms;
model LangmuirEquilibrium "Competition for one kind of site, in rapid equilibrium or near it"
  extends PartialIsotherm;
  parameter Real K[n_solutes] "Affinities [m3/amount]";
  parameter Real q_max[n_solutes] "Capacities per volume of solid [amount/m3]";
  parameter Units.SpecificRate k = 100 "Approach to equilibrium: numerical, much faster than the transport, or the linear driving force";
protected
  Real taken[n_points] "1 + sum of K c";
equation
  for i in 1:n_points loop
    taken[i] = 1 + c[i, :]*K;
    for s in 1:n_solutes loop
      r[i, s] = k*(q_max[s]*K[s]*c[i, s]/taken[i] - q[i, s]);
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>r = k (q* &minus; q), q* = q<sub>max</sub> K c/(1 + &Sigma; K c). With k much above the transport it is rapid equilibrium; a
smaller k is the linear driving force of Glueckauf 1955, doi:10.1039/TF9555101540.</p>
</html>"));
end LangmuirEquilibrium;
