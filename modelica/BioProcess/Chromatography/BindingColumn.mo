within BioProcess.Chromatography;
model BindingColumn "Lumped-rate column for one solute that binds"
  parameter Integer n(min=3) = 60 "Number of cells: numerical";
  parameter Units.Volume bed_volume "Volume of the bed";
  parameter Units.Length length "Length of the bed";
  parameter Units.Fraction porosity "Share of the bed that is liquid for this solute";
  parameter Units.Diffusivity D = 0 "Axial dispersion that does not depend on the flow";
  parameter Units.Length dispersivity = 0 "Axial dispersion over interstitial velocity";
  parameter Units.SpecificRate k_ads "Adsorption: volume of liquid cleared per volume of solid and time";
  parameter Units.MassConcentration q_max = 1e30 "Capacity per volume of solid: numerical, as good as unlimited";
  parameter Units.MassConcentration c_small = 1e-3 "Differences of concentration below this are not limited: numerical";
  parameter Units.MassConcentration c_nominal = 1
    "Typical concentration: numerical, scales the tolerance of the solver";
  parameter Units.MassConcentration q_nominal = 10 "Typical loading: numerical, scales the tolerance of the solver";
  input Units.VolumeFlowRate V_flow "Flow";
  input Units.MassFlowRate m_in_flow "What enters";
  input Units.SpecificRate k_des[n] "Desorption";
  input Units.Fraction capacity = 1 "Capacity that is left of q_max";
  output Units.MassConcentration c_out "Concentration that leaves";
  output Units.Mass m_held "Amount in the bed";
  Units.MassConcentration c[n] "Concentration in the liquid";
  Units.MassConcentration q[n] "Loading per volume of solid";
  Units.MassFlowRate m_flow[n + 1] "What passes each face";
protected
  final parameter Units.Volume V_liquid = porosity*bed_volume/n "Liquid in a cell";
  final parameter Units.Volume V_solid = (1 - porosity)*bed_volume/n "Solid in a cell";
  Units.VolumeFlowRate G "Exchange of liquid between cells by dispersion";
  Units.Mass m_liquid[n](each start=0, each fixed=true, each nominal=c_nominal*porosity*bed_volume/n) "Dissolved";
  Units.Mass m_bound[n](each start=0, each fixed=true, each nominal=q_nominal*(1 - porosity)*bed_volume/n) "Bound";
  Units.MassFlowRate r[n] "What binds";
equation
  G = n*n*V_liquid/length^2*D + n*dispersivity/length*V_flow;
  m_flow[1] = m_in_flow;
  m_flow[2] = V_flow*c[1] - G*(c[2] - c[1]);
  for i in 2:n - 1 loop
    m_flow[i + 1] = V_flow*faceConcentration(c[i - 1], c[i], c[i + 1], c_small) - G*(c[i + 1] - c[i]);
  end for;
  m_flow[n + 1] = V_flow*c[n];
  for i in 1:n loop
    c[i] = m_liquid[i]/V_liquid;
    q[i] = m_bound[i]/V_solid;
    r[i] = V_solid*(k_ads*c[i]*(1 - q[i]/(capacity*q_max)) - k_des[i]*q[i]);
    der(m_liquid[i]) = m_flow[i] - m_flow[i + 1] - r[i];
    der(m_bound[i]) = r[i];
  end for;
  c_out = c[n];
  m_held = sum(m_liquid) + sum(m_bound);
  annotation(Documentation(info="<html>
<p>Convection, axial dispersion and kinetic Langmuir binding, with everything that slows uptake lumped into the rate of
binding.</p>
<h4>Equations</h4>
<p>&epsilon; &part;c/&part;t + (1 &minus; &epsilon;) &part;q/&part;t = &minus;u<sub>s</sub> &part;c/&part;x + &epsilon;
D<sub>ax</sub> &part;<sup>2</sup>c/&part;x<sup>2</sup>, &part;q/&part;t = k<sub>ads</sub> c (1 &minus; q/q<sub>max</sub>)
&minus; k<sub>des</sub> q, with what is left of q<sub>max</sub>. Danckwerts' condition at the inlet, no gradient at the outlet.</p>
<h4>Limitations</h4>
<p>The flow must not turn round. Faces next to the inlet and the outlet are of first order.</p>
<h4>Validation</h4>
<p>Tests: LinearColumn, IdealShock, Thomas.</p>
</html>"));
end BindingColumn;
