model BlackBox "No mechanism: what was fed, and outputs that only a network moves"
  input Real V_flow(unit="m3/s", start=0) "Feed";
  parameter Real cells_start(unit="1/m3") = 5e11 "Viable cells at inoculation";
  output Real fed(unit="m3") "Volume fed";
  output Real inoculum(unit="1/m3") "Viable cells at inoculation";
  output Real viable_cells(unit="1/m3", min=0) "Viable cells";
  output Real glucose(unit="mol/m3", min=0) "Glucose";
  output Real titre(unit="kg/m3", min=0) "Antibody";
protected
  Real V(start=0, fixed=true, unit="m3");
equation
  der(V) = V_flow;
  fed = V;
  inoculum = cells_start;
  viable_cells = 0;
  glucose = 0;
  titre = 0;
end BlackBox;
