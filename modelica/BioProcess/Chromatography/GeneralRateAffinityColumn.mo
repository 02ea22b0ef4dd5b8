within BioProcess.Chromatography;
block GeneralRateAffinityColumn "Affinity column whose proteins pass a film and diffuse into the pores of particles"
  extends PartialAffinityColumn;
  parameter Integer n_radial(min=1, max=6) = 4 "Points of collocation in a particle: numerical";
  final parameter Integer n_slices = div(n_tanks*cells_per_tank, 2) "Slices of the bed that are told, two cells each";
  parameter Units.SpecificRate k_mab(min=0) = 1 "Binding of antibody: calibrated, much faster than its way into the pores";
  parameter Units.SpecificRate k_hcp(min=0) = 0.02 "Binding of host cell protein: calibrated";
  parameter Units.Velocity k_film_mab(min=0) = 1.6e-5
    "Film, antibody: Wilson and Geankoplis 1966, doi:10.1021/i160017a003, at 2.1 m/h with 4e-11 m2/s";
  parameter Units.Velocity k_film_hcp(min=0) = 2.5e-5 "Film, host cell protein: Wilson and Geankoplis 1966, with 8e-11 m2/s";
  parameter Units.Diffusivity D_pore_mab(min=0) = 1e-11 "Antibody in the pores: calibrated to the uptake of ProteinA";
  parameter Units.Diffusivity D_pore_hcp(min=0) = 2e-11 "Host cell protein in the pores: calibrated, twice that of antibody";
  final parameter Units.Fraction porosity_particle = (porosity - porosity_bed)/(1 - porosity_bed)
    "Share of a particle that is liquid";
  output Units.Mass mab_liquid[n_slices] "Antibody between the particles of each slice";
  output Units.Mass mab_particles[n_slices] "Antibody in the particles of each slice";
  output Units.Mass hcp_liquid[n_slices] "Host cell protein between the particles of each slice";
  output Units.Mass hcp_particles[n_slices] "Host cell protein in the particles of each slice";
protected
  final parameter Units.Volume V_between = porosity_bed*V_bed/(n_tanks*cells_per_tank) "Liquid between the particles of a cell";
  Units.PH pH_point[n_tanks*cells_per_tank*n_radial] "pH at the points of the particles: that of their cell";
  GeneralRateColumn mab(
    n_cells=n_tanks*cells_per_tank, n_radial=n_radial, bed_volume=V_bed, length=length, porosity=porosity_bed,
    dispersivity=dispersivity, c_nominal=5, q_nominal=100, porosity_particle=porosity_particle, radius=d_particle/2,
    k_film={k_film_mab}, D_pore={D_pore_mab},
    redeclare Isotherms.LangmuirOverPh isotherm(
      n_points=n_tanks*cells_per_tank*n_radial, n_solutes=1, k_ads={k_mab}, q_max={q_mab}, K={K_mab}, pH_bind={pH_mab},
      slope={slope_mab}, capacity=capacity_now, pH=pH_point)) "Antibody";
  GeneralRateColumn hcp(
    n_cells=n_tanks*cells_per_tank, n_radial=n_radial, bed_volume=V_bed, length=length, porosity=porosity_bed,
    dispersivity=dispersivity, c_nominal=0.1, q_nominal=0.5, porosity_particle=porosity_particle, radius=d_particle/2,
    k_film={k_film_hcp}, D_pore={D_pore_hcp},
    redeclare Isotherms.LangmuirOverPh isotherm(
      n_points=n_tanks*cells_per_tank*n_radial, n_solutes=1, k_ads={k_hcp}, q_max={q_hcp}, K={K_hcp}, pH_bind={pH_hcp},
      slope={slope_hcp}, capacity=capacity_now, pH=pH_point)) "Host cell protein";
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
  for i in 1:n_tanks*cells_per_tank loop
    for j in 1:n_radial loop
      pH_point[(i - 1)*n_radial + j] = pH_cell[i];
    end for;
  end for;
  for i in 1:n_slices loop
    mab_liquid[i] = V_between*(mab.c[2*i - 1, 1] + mab.c[2*i, 1]);
    mab_particles[i] = mab.m_particle[2*i - 1, 1] + mab.m_particle[2*i, 1];
    hcp_liquid[i] = V_between*(hcp.c[2*i - 1, 1] + hcp.c[2*i, 1]);
    hcp_particles[i] = hcp.m_particle[2*i - 1, 1] + hcp.m_particle[2*i, 1];
  end for;
  annotation(Documentation(info="<html>
<p>The column of <a href=\"modelica://BioProcess.Chromatography.AffinityColumn\">AffinityColumn</a> with the general rate model
(<a href=\"modelica://BioProcess.Chromatography.GeneralRateColumn\">GeneralRateColumn</a>) for its two proteins: how fast they
bind follows from film and pores, not from one rate.</p>
<h4>Equations</h4>
<p>porosity is what proteins reach of the bed, porosity_bed what is between the particles; the rest is in their pores.
Binding at each point of a particle:
<a href=\"modelica://BioProcess.Chromatography.Isotherms.LangmuirOverPh\">LangmuirOverPh</a> at the pH of the cell.</p>
<h4>Assumptions</h4>
<p>The pH inside particles is that around them: buffer diffuses much faster than protein. The coefficients of the film do not
change with the flow. k_mab and k_hcp are those of binding alone. The two proteins do not
compete.</p>
<h4>Limitations</h4>
<p>Those of <a href=\"modelica://BioProcess.Chromatography.PartialAffinityColumn\">PartialAffinityColumn</a>.</p>
<h4>Validation</h4>
<p>Case protein_a_general_rate: load and elution against an independent solution.</p>
</html>"));
end GeneralRateAffinityColumn;
