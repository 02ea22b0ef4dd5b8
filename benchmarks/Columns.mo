package Columns "Load, wash and elution of one protein by a gradient of salt"
  model GeneralRate "Film and pores"
    extends Elution;
    parameter Integer n_cells = 30 "Cells";
    parameter Integer n_radial = 3 "Points in a particle";
    BioProcess.Chromatography.GeneralRateColumn column(
      n_cells=n_cells, n_radial=n_radial, n_solutes=2, bed_volume=0.014, length=0.014, porosity=0.37, porosity_particle=0.75,
      radius=4.5e-5, D=5.75e-8, k_film={6.9e-6, 6.9e-6}, D_pore={7e-10, 6.07e-11}, c_start={50, 0}, q_start={1200, 0},
      c_nominal=1, q_nominal=10, c_small=1e-6,
      redeclare BioProcess.Chromatography.Isotherms.StericMassAction isotherm(
        n_points=n_cells*n_radial, n_solutes=2, Lambda=1200, k_ads={0, 35.5}, k_des={0, 1000}, nu={0, 4.7}, sigma={0, 11.83}));
  equation
    column.V_flow = 5.75e-4*0.37;
    column.c_in[1] = salt_in;
    column.c_in[2] = protein_in;
    salt = column.c_out[1];
    protein = column.c_out[2];
  end GeneralRate;

  model LumpedRate "No pores"
    extends Elution;
    parameter Integer n_cells = 100 "Cells";
    BioProcess.Chromatography.LumpedRateColumn column(
      n_cells=n_cells, n_solutes=2, bed_volume=0.014, length=0.014, porosity=0.8425, D=5.75e-8, c_start={50, 0},
      q_start={1200, 0}, c_nominal=1, q_nominal=10, c_small=1e-6,
      redeclare BioProcess.Chromatography.Isotherms.StericMassAction isotherm(
        n_points=n_cells, n_solutes=2, Lambda=1200, k_ads={0, 35.5}, k_des={0, 1000}, nu={0, 4.7}, sigma={0, 11.83}));
  equation
    column.V_flow = 5.75e-4*0.8425;
    column.c_in[1] = salt_in;
    column.c_in[2] = protein_in;
    salt = column.c_out[1];
    protein = column.c_out[2];
  end LumpedRate;

  partial model Elution "What enters, and what leaves"
    output Real salt(unit="mol/m3") "Salt that leaves";
    output Real protein(unit="mol/m3") "Protein that leaves";
  protected
    Real salt_in "Salt that enters";
    Real protein_in "Protein that enters";
  equation
    salt_in = if time < 90 then 50 else 100 + 0.2*(time - 90);
    protein_in = if time < 10 then 1 else 0;
  end Elution;
end Columns;
