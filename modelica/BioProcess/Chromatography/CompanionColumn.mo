within BioProcess.Chromatography;
model CompanionColumn "What is part of a protein that binds, or sticks to it, and moves with it"
  parameter Integer n(min=2) = 20 "Number of mixed cells: calibrated";
  parameter Integer n_solutes = 1 "Number of solutes";
  parameter Units.Mass m_small = 1e-12 "Protein that is as good as none: numerical";
  parameter Real m_nominal[n_solutes] = ones(n_solutes) "Typical amounts: numerical, scale the tolerance of the solver";
  input Real m_in_flow[n_solutes] "What enters [amount/s]";
  input Units.MassFlowRate m_carrier_in_flow "Protein that enters";
  input Units.MassFlowRate m_flow[n] "Protein that leaves each cell";
  input Units.MassConcentration c_carrier "Protein that leaves the last cell";
  output Real c_out[n_solutes] "Concentrations that leave [amount/m3]";
  output Real held[n_solutes] "Amounts in the bed";
protected
  Units.Mass m_carrier[n](each start=0, each fixed=true, each nominal=0.1) "Protein in each cell";
  Real m[n, n_solutes](each start=0, each min=0, each fixed=true, nominal=uniform(n, n_solutes, m_nominal)) "Amounts in each cell";
  Real y[n, n_solutes] "Amount per mass of protein";
  Real passing[n + 1, n_solutes] "What passes each face [amount/s]";
equation
  der(m_carrier[1]) = m_carrier_in_flow - m_flow[1];
  for i in 2:n loop
    der(m_carrier[i]) = m_flow[i - 1] - m_flow[i];
  end for;
  for k in 1:n_solutes loop
    passing[1, k] = m_in_flow[k];
    passing[n + 1, k] = noEvent(max(m_flow[n], 0))*y[n, k];
    c_out[k] = noEvent(max(c_carrier, 0))*y[n, k];
    held[k] = sum(m[:, k]);
  end for;
  for i in 1:n - 1 loop
    for k in 1:n_solutes loop
      passing[i + 1, k] = m_flow[i]*(if noEvent(m_flow[i] > 0) then y[i, k] else y[i + 1, k]);
    end for;
  end for;
  for i in 1:n loop
    for k in 1:n_solutes loop
      y[i, k] = m[i, k]/(noEvent(max(m_carrier[i], 0)) + m_small);
      der(m[i, k]) = passing[i, k] - passing[i + 1, k];
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>Glycans, charge variants that are not told apart, and impurities that ride on a protein: each cell passes on what it
holds of them in proportion to the protein, bound and dissolved taken together.</p>
<h4>Equations</h4>
<p>dm<sub>i</sub>/dt = F<sub>i&minus;1</sub> y<sub>i&minus;1</sub> &minus; F<sub>i</sub> y<sub>i</sub>, y = m/m<sub>protein</sub>, with
the flow F of protein over each face.</p>
<h4>Assumptions</h4>
<p>Bound and dissolved protein of a cell have the same composition.</p>
<h4>Limitations</h4>
<p>What enters without protein waits for it. Nothing comes back through the outlet: where round-off makes the protein there
slightly negative, what rides on it stays.</p>
</html>"));
end CompanionColumn;
