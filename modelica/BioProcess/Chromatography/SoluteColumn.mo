within BioProcess.Chromatography;
model SoluteColumn "One small solute on its way through a bed"
  parameter Integer n(min=2) = 20 "Number of mixed cells: calibrated";
  parameter Units.Volume liquid_volume "Volume of liquid";
  parameter Units.Molarity c_start = 0 "Concentration at the start";
  parameter Units.Molarity c_nominal = 10 "Typical concentration: numerical, scales the tolerance of the solver";
  input Units.VolumeFlowRate V_flow "Flow";
  input Units.MolarFlowRate n_in_flow "What enters";
  output Units.Molarity c_out "Concentration that leaves";
  output Units.AmountOfSubstance n_held "Amount in the bed";
  Units.Molarity c[n] "Concentrations";
protected
  final parameter Units.Volume V_cell = liquid_volume/n "Liquid in a cell";
  Units.AmountOfSubstance n_cell[n](
    each start=c_start*V_cell,
    each fixed=true,
    each nominal=c_nominal*liquid_volume/n) "Amounts";
  Units.MolarFlowRate n_flow[n + 1] "What passes each face";
equation
  n_flow[1] = n_in_flow;
  for i in 1:n loop
    c[i] = n_cell[i]/V_cell;
    n_flow[i + 1] = V_flow*c[i];
    der(n_cell[i]) = n_flow[i] - n_flow[i + 1];
  end for;
  c_out = c[n];
  n_held = sum(n_cell);
  annotation(Documentation(info="<html>
<p>Tanks in series: the number of cells stands for the dispersion of tubing, distributor and bed.</p>
<h4>Equations</h4>
<p>V<sub>cell</sub> dc<sub>i</sub>/dt = F (c<sub>i&minus;1</sub> &minus; c<sub>i</sub>).</p>
<h4>Assumptions</h4>
<p>The solute does not bind, and all solutes share the same path.</p>
</html>"));
end SoluteColumn;
