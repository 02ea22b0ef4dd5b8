within BioProcess.Chromatography.Isotherms;
model LangmuirOverPh "Sites of its own for each solute, which hold it the looser the lower the pH"
  extends PartialIsotherm;
  parameter Units.SpecificRate k_ads[n_solutes] "Adsorption: volume of liquid cleared per volume of solid and time";
  parameter Units.MassConcentration q_max[n_solutes] "Capacities of a new resin per volume of solid";
  parameter Units.MassConcentration K[n_solutes] "Half saturations well above pH_bind";
  parameter Units.PH pH_bind[n_solutes] "Where binding begins to weaken";
  parameter Units.Number slope[n_solutes] "Decades by which K rises per unit of pH below pH_bind";
  input Units.PH pH[n_points] "pH at the points";
  input Units.Fraction capacity = 1 "Capacity that is left of q_max";
equation
  for i in 1:n_points loop
    for s in 1:n_solutes loop
      r[i, s] = k_ads[s]*(c[i, s]*(1 - q[i, s]/(capacity*q_max[s]))
        - dissociationConstant(pH[i], K[s], pH_bind[s], slope[s])*q[i, s]/(capacity*q_max[s]));
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>r = k<sub>ads</sub> (c (1 &minus; q/q<sub>max</sub>) &minus; K(pH) q/q<sub>max</sub>) with what is left of q<sub>max</sub>, and
K from <a href=\"modelica://BioProcess.Chromatography.dissociationConstant\">dissociationConstant</a>: at rest q =
q<sub>max</sub> c/(K + c).</p>
<h4>Assumptions</h4>
<p>Solutes do not compete for sites.</p>
<h4>Validation</h4>
<p>Case protein_a: load and elution against an independent solution.</p>
</html>"));
end LangmuirOverPh;
