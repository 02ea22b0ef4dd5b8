within BioProcess.Tests;
model StericMassActionElution "Three proteins loaded, washed and eluted by a gradient of salt from an ion exchanger"
  extends Icons.Example;
  parameter Integer n_cells = 150 "Cells";
  parameter Units.Diffusivity D = 5.75e-8 "Axial dispersion";
  parameter Units.Molarity c_load = 1 "Load of each protein";
  parameter Units.Molarity Lambda = 1200 "Capacity of the exchanger per volume of solid";
  parameter Units.Fraction eps = 0.8425 "Porosity";
  parameter Real K[3] = {35.5e-3, 1.59e-3, 7.7e-3} "Equilibrium constants";
  parameter Units.SpecificRate k_des = 1000 "Desorption";
  parameter Real nu[3] = {4.7, 5.29, 3.7} "Characteristic charges";
  parameter Real sigma[3] = {11.83, 10.6, 10} "Steric factors";
  parameter Units.Molarity salt_load = 50 "Salt of load and wash";
  parameter Units.Molarity salt_start = 100 "Salt at the start of the gradient";
  parameter Real slope(unit="mol/(m3.s)") = 0.2 "Slope of the gradient";
  parameter Units.Time t_load = 10 "Length of the load";
  parameter Units.Time t_gradient = 90 "Start of the gradient";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.014 "Length";
  parameter Units.Velocity u = 5.75e-4 "Velocity of the liquid";
  Chromatography.LumpedRateColumn column(
    n_cells=n_cells, n_solutes=4, bed_volume=L*A, length=L, porosity=eps, D=D, c_start={salt_load, 0, 0, 0},
    c_nominal=1, q_nominal=1, q_start={Lambda, 0, 0, 0},
    redeclare Chromatography.Isotherms.StericMassAction isotherm(
      n_points=n_cells, n_solutes=4, Lambda=Lambda, k_ads={0, k_des*K[1], k_des*K[2], k_des*K[3]},
      k_des={0, k_des, k_des, k_des}, nu={0, nu[1], nu[2], nu[3]}, sigma={0, sigma[1], sigma[2], sigma[3]})) "Column";
  output Units.Molarity c[3] "Proteins that leave";
  output Units.Molarity salt "Salt that leaves";
protected
  parameter Real m_load(unit="mol") = u*eps*A*t_load*c_load "Load of each protein";
  Real M[3](each start=0, each fixed=true, each nominal=10) "Zeroth moments";
equation
  column.V_flow = u*eps*A;
  column.c_in[1] = if time < t_gradient then salt_load else salt_start + slope*(time - t_gradient);
  column.c_in[2] = if time < t_load then c_load else 0;
  column.c_in[3] = if time < t_load then c_load else 0;
  column.c_in[4] = if time < t_load then c_load else 0;
  for k in 1:3 loop
    c[k] = column.c_out[k + 1];
    der(M[k]) = c[k];
  end for;
  salt = column.c_out[1];
  when time >= t_gradient then
    assert(abs((u*eps*A*M[1] + column.held[2])/m_load - 1) < 1e-3 and abs((u*eps*A*M[2] + column.held[3])/m_load - 1) < 1e-3
      and abs((u*eps*A*M[3] + column.held[4])/m_load - 1) < 1e-3, "Proteins are lost.");
  end when;
  annotation(
    experiment(StopTime=1500, Tolerance=1e-5, Interval=1),
    Documentation(info="<html>
<p>Load, wash and a linear gradient of salt, a widely published case of steric mass action. The first solute of the column is
the salt.</p>
</html>"));
end StericMassActionElution;
