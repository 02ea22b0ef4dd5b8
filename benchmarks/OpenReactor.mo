model OpenReactor "Balances of a fed batch, its specific rates left open"
  input Real V_flow(unit="m3/s", start=0) "Feed";
  input Real growth(unit="1/s", start=0) "Growth of viable cells less death";
  input Real q_glucose(unit="mol/s", start=0) "Glucose taken up by a cell";
  input Real q_mab(unit="kg/s", start=0) "Antibody made by a cell";
  parameter Real cells_start(unit="1/m3") = 5e11 "Viable cells at inoculation";
  parameter Real glucose_start(unit="mol/m3") = 35 "Glucose at inoculation";
  parameter Real volume_start(unit="m3") = 1.5 "Volume at inoculation";
  parameter Real c_glucose(unit="mol/m3") = 176 "Glucose in the feed";
  output Real viable_cells(unit="1/m3", min=0) "Viable cells";
  output Real glucose(unit="mol/m3", min=0) "Glucose";
  output Real titre(unit="kg/m3", min=0) "Antibody";
protected
  Real V(start=volume_start, fixed=true, unit="m3");
  Real cells(start=cells_start*volume_start, fixed=true);
  Real n_glucose(start=glucose_start*volume_start, fixed=true);
  Real m_mab(start=0, fixed=true);
equation
  viable_cells = cells/V;
  glucose = n_glucose/V;
  titre = m_mab/V;
  der(V) = V_flow;
  der(cells) = growth*cells;
  der(n_glucose) = V_flow*c_glucose - q_glucose*cells*glucose/(glucose + 0.2);
  der(m_mab) = q_mab*cells;
end OpenReactor;
