within BioProcess.Chromatography;
model SoluteColumn "All that does not bind on its way through a bed"
  parameter Integer n(min=2) = 20 "Number of mixed cells: calibrated";
  parameter Units.Volume liquid_volume "Volume of liquid";
  parameter Species.Concentrations c_start = zeros(Species.n) "Concentrations at the start";
  input Units.VolumeFlowRate V_flow "Flow";
  input Species.Flows m_in_flow "What enters";
  output Species.Concentrations c_out "Concentrations that leave";
  output Species.Amounts held "Amounts in the bed";
  Real c[n, n_species] "Concentrations in each cell [1/m3, mol/m3 or kg/m3]";
protected
  final parameter Integer n_species = 29 "Number of species";
  final parameter Units.Volume V_cell = liquid_volume/n "Liquid in a cell";
  Real m[n, n_species](
    start=uniform(n, n_species, V_cell*c_start),
    each min=0,
    each fixed=true,
    nominal=uniform(n, n_species, V_cell*Species.c_nominal)) "Amounts in each cell [1, mol or kg]";
  Real m_flow[n + 1, n_species] "What passes each face [1/s, mol/s or kg/s]";
equation
  for k in 1:Species.n loop
    m_flow[1, k] = m_in_flow[k];
    c_out[k] = c[n, k];
    held[k] = sum(m[:, k]);
  end for;
  for i in 1:n loop
    for k in 1:Species.n loop
      c[i, k] = m[i, k]/V_cell;
      m_flow[i + 1, k] = V_flow*c[i, k];
      der(m[i, k]) = m_flow[i, k] - m_flow[i + 1, k];
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>Tanks in series: the number of cells stands for the dispersion of tubing, distributor and bed.</p>
<h4>Equations</h4>
<p>V<sub>cell</sub> dc<sub>i</sub>/dt = F (c<sub>i&minus;1</sub> &minus; c<sub>i</sub>).</p>
<h4>Assumptions</h4>
<p>The solutes do not bind, and all share the same path.</p>
</html>"));
end SoluteColumn;
