within BioProcess.Chromatography;
partial model PartialColumn "Flow, axial dispersion and uptake of several solutes along a bed"
  parameter Integer n_cells(min=3) = 50 "Cells along the bed: numerical";
  parameter Integer n_solutes(min=1) = 1 "Number of solutes";
  parameter Units.Volume bed_volume "Volume of the bed";
  parameter Units.Length length "Length of the bed";
  parameter Units.Fraction porosity "Share of the bed between the particles, of all liquid in a lumped-rate column";
  parameter Units.Diffusivity D = 0 "Axial dispersion that does not depend on the flow";
  parameter Units.Length dispersivity = 0 "Axial dispersion over interstitial velocity";
  parameter Real c_start[n_solutes] = zeros(n_solutes) "Concentrations at the start, in all liquid";
  parameter Real q_start[n_solutes] = zeros(n_solutes) "Loadings at the start, per volume of solid";
  parameter Real c_nominal = 1 "Typical concentration: numerical, scales the tolerance of the solver";
  parameter Real q_nominal = 1 "Typical loading: numerical, scales the tolerance of the solver";
  parameter Real c_small = 1e-3*c_nominal "Differences of concentration below this are not limited: numerical";
  input Units.VolumeFlowRate V_flow "Flow";
  input Real c_in[n_solutes] "Concentrations that enter [amount/m3]";
  output Real c_out[n_solutes] "Concentrations that leave [amount/m3]";
  output Real held[n_solutes] "Amounts in the bed";
  Real c[n_cells, n_solutes] "Concentrations between the particles [amount/m3]";
  Real m_flow[n_cells + 1, n_solutes] "What passes each face [amount/s]";
protected
  final parameter Units.Volume V_cell = porosity*bed_volume/n_cells "Liquid between the particles of a cell";
  Units.VolumeFlowRate G "Exchange of liquid between cells by dispersion";
  Real m[n_cells, n_solutes](start=uniform(n_cells, n_solutes, V_cell*c_start), each min=0, each fixed=true, each nominal=c_nominal*porosity*bed_volume/n_cells)
    "Amounts between the particles";
  Real uptake[n_cells, n_solutes] "What the particles take up [amount/s]";
equation
  G = n_cells*n_cells*V_cell/length^2*D + n_cells*dispersivity/length*V_flow;
  for k in 1:n_solutes loop
    m_flow[1, k] = V_flow*c_in[k];
    m_flow[2, k] = V_flow*limitedFace(2*c_in[k] - c[1, k], c[1, k], c[2, k], c_small) - G*(c[2, k] - c[1, k]);
    m_flow[n_cells + 1, k] = V_flow*c[n_cells, k];
    c_out[k] = c[n_cells, k];
  end for;
  for i in 2:n_cells - 1 loop
    for k in 1:n_solutes loop
      m_flow[i + 1, k] = V_flow*limitedFace(c[i - 1, k], c[i, k], c[i + 1, k], c_small) - G*(c[i + 1, k] - c[i, k]);
    end for;
  end for;
  for i in 1:n_cells loop
    for k in 1:n_solutes loop
      c[i, k] = m[i, k]/V_cell;
      der(m[i, k]) = m_flow[i, k] - m_flow[i + 1, k] - uptake[i, k];
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>The balance between the particles, common to all columns; what the particles take up is left to those that extend it.</p>
<h4>Equations</h4>
<p>&epsilon; &part;c/&part;t = &minus;u<sub>s</sub> &part;c/&part;x + &epsilon; D<sub>ax</sub>
&part;<sup>2</sup>c/&part;x<sup>2</sup> &minus; uptake. Danckwerts' condition at the inlet, no gradient at the outlet.</p>
<p>Amounts in cells are the states; fluxes come from
<a href=\"modelica://BioProcess.Chromatography.limitedFace\">limitedFace</a>. The scheme is of second order.</p>
<h4>Limitations</h4>
<p>The flow must not turn round. The face at the outlet is of first order, which does not shift the mean residence time.
The isotherm's n_points is the number of cells, times the points in a particle where there are pores.</p>
</html>"));
end PartialColumn;
