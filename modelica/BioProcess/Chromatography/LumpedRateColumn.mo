within BioProcess.Chromatography;
model LumpedRateColumn "Column without pores: all liquid of a cell is mixed"
  extends PartialColumn;
  replaceable Isotherms.Linear isotherm constrainedby Isotherms.PartialIsotherm "Binding";
protected
  final parameter Units.Volume V_solid = (1 - porosity)*bed_volume/n_cells "Solid of a cell";
  Real m_bound[n_cells, n_solutes](
    start=uniform(n_cells, n_solutes, V_solid*q_start),
    each min=0,
    each fixed=true,
    each nominal=q_nominal*(1 - porosity)*bed_volume/n_cells) "Amounts bound";
equation
  for i in 1:n_cells loop
    for k in 1:n_solutes loop
      isotherm.c[i, k] = c[i, k];
      isotherm.q[i, k] = m_bound[i, k]/V_solid;
      uptake[i, k] = V_solid*isotherm.r[i, k];
      der(m_bound[i, k]) = uptake[i, k];
    end for;
  end for;
  for k in 1:n_solutes loop
    held[k] = sum(m[:, k]) + sum(m_bound[:, k]);
  end for;
  annotation(Documentation(info="<html>
<p>Binding happens at the concentration of the liquid of a cell: (1 &minus; &epsilon;) &part;q/&part;t = uptake, with
&epsilon; the share of all liquid in the bed.</p>
<h4>Validation</h4>
<p>Tests: LangmuirFronts, StericMassActionElution.</p>
</html>"));
end LumpedRateColumn;
