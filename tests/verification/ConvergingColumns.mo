model ConvergingColumns "Each transport with each isotherm, fed by a smooth pulse or by a shock"
  parameter Integer n = 20 "Cells";
  parameter Integer n_radial = 3 "Points in a particle of the general rate columns";
  parameter Real sharp = 0 "1 for a shock instead of a pulse";
  constant Real L(unit="m") = 0.1 "Length";
  constant Real u(unit="m/s") = 1e-3 "Superficial velocity";
  BioProcess.Chromatography.LumpedRateColumn rate_none(
    n_cells=n, bed_volume=L, length=L, porosity=0.6, redeclare BioProcess.Chromatography.Isotherms.NoBinding isotherm(
      n_points=n, n_solutes=1));
  BioProcess.Chromatography.LumpedRateColumn rate_linear(
    n_cells=n, bed_volume=L, length=L, porosity=0.6, isotherm(n_points=n, n_solutes=1, k_ads={0.4}, k_des={0.2}));
  BioProcess.Chromatography.LumpedRateColumn rate_langmuir(
    n_cells=n, bed_volume=L, length=L, porosity=0.6, redeclare BioProcess.Chromatography.Isotherms.Langmuir isotherm(
      n_points=n, n_solutes=1, k_ads={0.1}, k_des={0.2}, q_max={5}));
  BioProcess.Chromatography.LumpedRateColumn rate_equilibrium(
    n_cells=n, bed_volume=L, length=L, porosity=0.6,
    redeclare BioProcess.Chromatography.Isotherms.LangmuirEquilibrium isotherm(
      n_points=n, n_solutes=1, K={0.5}, q_max={5}, k=2));
  BioProcess.Chromatography.LumpedRateColumn rate_ph(
    n_cells=n, bed_volume=L, length=L, porosity=0.6,
    redeclare BioProcess.Chromatography.Isotherms.LangmuirOverPh isotherm(
      n_points=n, n_solutes=1, k_ads={0.4}, q_max={5}, K={1}, pH_bind={5}, slope={1}, pH=fill(5.0, n)));
  BioProcess.Chromatography.LumpedRateColumn rate_steric(
    n_cells=n, n_solutes=2, bed_volume=L, length=L, porosity=0.6, c_start={50, 0}, q_start={1000, 0},
    redeclare BioProcess.Chromatography.Isotherms.StericMassAction isotherm(
      n_points=n, n_solutes=2, Lambda=1000, k_ads={0, 1e-4}, k_des={0, 2e-2}, nu={0, 2}, sigma={0, 10}));
  BioProcess.Chromatography.GeneralRateColumn pores_linear(
    n_cells=n, n_radial=1, bed_volume=L, length=L, porosity=0.4, porosity_particle=0.6, radius=4e-5,
    k_film={2e-5}, D_pore={1e-10}, isotherm(n_points=n, n_solutes=1, k_ads={0.4}, k_des={0.2}));
  BioProcess.Chromatography.GeneralRateColumn pores_langmuir(
    n_cells=n, n_radial=1, bed_volume=L, length=L, porosity=0.4, porosity_particle=0.6, radius=4e-5,
    k_film={2e-5}, D_pore={1e-10}, redeclare BioProcess.Chromatography.Isotherms.Langmuir isotherm(
      n_points=n, n_solutes=1, k_ads={0.1}, k_des={0.2}, q_max={5}));
  BioProcess.Chromatography.GeneralRateColumn general_linear(
    n_cells=n, n_radial=n_radial, bed_volume=L, length=L, porosity=0.4, porosity_particle=0.6, radius=4e-5,
    k_film={2e-5}, D_pore={1e-10}, isotherm(n_points=n*n_radial, n_solutes=1, k_ads={0.4}, k_des={0.2}));
  BioProcess.Chromatography.GeneralRateColumn general_equilibrium(
    n_cells=n, n_radial=n_radial, bed_volume=L, length=L, porosity=0.4, porosity_particle=0.6, radius=4e-5,
    k_film={2e-5}, D_pore={1e-10}, redeclare BioProcess.Chromatography.Isotherms.LangmuirEquilibrium isotherm(
      n_points=n*n_radial, n_solutes=1, K={0.5}, q_max={5}, k=2));
  output Real c[10] "What leaves, over what enters at most";
protected
  Real pulse "What enters";
equation
  pulse = if sharp > 0.5 then (if time > 20 and time < 400 then 1 else 0)
    else (if time < 400 then sin(3.141592653589793*time/400)^4 else 0);
  rate_none.V_flow = u;
  rate_none.c_in[1] = pulse;
  rate_linear.V_flow = u;
  rate_linear.c_in[1] = pulse;
  rate_langmuir.V_flow = u;
  rate_langmuir.c_in[1] = pulse;
  rate_equilibrium.V_flow = u;
  rate_equilibrium.c_in[1] = pulse;
  rate_ph.V_flow = u;
  rate_ph.c_in[1] = pulse;
  rate_steric.V_flow = u;
  rate_steric.c_in[1] = 50;
  rate_steric.c_in[2] = pulse;
  pores_linear.V_flow = u;
  pores_linear.c_in[1] = pulse;
  pores_langmuir.V_flow = u;
  pores_langmuir.c_in[1] = pulse;
  general_linear.V_flow = u;
  general_linear.c_in[1] = pulse;
  general_equilibrium.V_flow = u;
  general_equilibrium.c_in[1] = pulse;
  c = {rate_none.c_out[1], rate_linear.c_out[1], rate_langmuir.c_out[1], rate_equilibrium.c_out[1], rate_ph.c_out[1],
    rate_steric.c_out[2], pores_linear.c_out[1], pores_langmuir.c_out[1], general_linear.c_out[1],
    general_equilibrium.c_out[1]};
end ConvergingColumns;
