within BioProcess.Chromatography;
block AffinityColumn "Affinity column for an antibody, with load and buffer inlets"
  extends PartialAffinityColumn;
  parameter Units.SpecificRate k_mab(min=0) = 0.06 "Uptake of antibody: calibrated";
  parameter Units.SpecificRate k_hcp(min=0) = 0.002 "Uptake of host cell protein: calibrated";
protected
  LumpedRateColumn mab(
    n_cells=n_tanks*cells_per_tank, bed_volume=V_bed, length=length, porosity=porosity, dispersivity=dispersivity,
    c_nominal=5, q_nominal=100,
    redeclare Isotherms.LangmuirOverPh isotherm(
      n_points=n_tanks*cells_per_tank, n_solutes=1, k_ads={k_mab}, q_max={q_mab}, K={K_mab}, pH_bind={pH_mab},
      slope={slope_mab}, capacity=capacity_now, pH=pH_cell)) "Antibody";
  LumpedRateColumn hcp(
    n_cells=n_tanks*cells_per_tank, bed_volume=V_bed, length=length, porosity=porosity, dispersivity=dispersivity,
    c_nominal=0.1, q_nominal=0.5,
    redeclare Isotherms.LangmuirOverPh isotherm(
      n_points=n_tanks*cells_per_tank, n_solutes=1, k_ads={k_hcp}, q_max={q_hcp}, K={K_hcp}, pH_bind={pH_hcp},
      slope={slope_hcp}, capacity=capacity_now, pH=pH_cell)) "Host cell protein";
equation
  mab.V_flow = V_flow;
  hcp.V_flow = V_flow;
  mab.c_in[1] = c_proteins_in[1];
  hcp.c_in[1] = c_proteins_in[2];
  c_proteins[1] = mab.c_out[1];
  c_proteins[2] = hcp.c_out[1];
  held_proteins[1] = mab.held[1];
  held_proteins[2] = hcp.held[1];
  for j in 1:n_tanks loop
    mab_flow[j] = mab.m_flow[j*cells_per_tank + 1, 1];
  end for;
  annotation(Documentation(info="<html>
<p>Antibody and host cell protein bind on a fine grid of cells
(<a href=\"modelica://BioProcess.Chromatography.LumpedRateColumn\">LumpedRateColumn</a>), tightly at neutral pH and loosely at
low pH. So load, wash, elution and strip differ by nothing but what the buffer is made of.</p>
<h4>Equations</h4>
<p>Binding: <a href=\"modelica://BioProcess.Chromatography.Isotherms.LangmuirOverPh\">LangmuirOverPh</a>.</p>
<h4>Assumptions</h4>
<p>Uptake is lumped into one rate per protein. The two proteins do not compete.
<a href=\"modelica://BioProcess.Chromatography.PartialAffinityColumn\">PartialAffinityColumn</a> states the rest.</p>
<h4>Validation</h4>
<p>Case protein_a: load and elution against an independent solution.</p>
</html>"));
end AffinityColumn;
