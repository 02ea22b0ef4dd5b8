within BioProcess.Tests;
model StericMassActionElution "Three proteins loaded, washed and eluted by a gradient of salt from an ion exchanger"
  extends Icons.Example;
  parameter Integer n_cells = 150 "Cells";
  parameter Units.Diffusivity D = 5.75e-8 "Axial dispersion";
  parameter Units.Molarity c_load = 1 "Load of each protein";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.014 "Length";
  parameter Units.Velocity u = 5.75e-4 "Velocity of the liquid";
  Chromatography.LumpedRateColumn column(
    n_cells=n_cells, n_solutes=4, bed_volume=L*A, length=L, porosity=0.8425, D=D, c_start={50, 0, 0, 0},
    c_nominal=1, q_nominal=1, q_start={1200, 0, 0, 0},
    redeclare Chromatography.Isotherms.StericMassAction isotherm(
      n_points=n_cells, n_solutes=4, Lambda=1200, k_ads={0, 35.5, 1.59, 7.7}, k_des={0, 1000, 1000, 1000},
      nu={0, 4.7, 5.29, 3.7}, sigma={0, 11.83, 10.6, 10})) "Column";
  output Units.Molarity c[3] "Proteins that leave";
  output Units.Molarity salt "Salt that leaves";
protected
  Real M[3](each start=0, each fixed=true, each nominal=10) "Zeroth moments";
equation
  column.V_flow = u*0.8425*A;
  column.c_in[1] = if time < 90 then 50 else 100 + 0.2*(time - 90);
  column.c_in[2] = if time < 10 then c_load else 0;
  column.c_in[3] = if time < 10 then c_load else 0;
  column.c_in[4] = if time < 10 then c_load else 0;
  for k in 1:3 loop
    c[k] = column.c_out[k + 1];
    der(M[k]) = c[k];
  end for;
  salt = column.c_out[1];
  when time >= 1490 then
    assert(abs(M[1]/(10*c_load) - 1) < 1e-3 and abs(M[2]/(10*c_load) - 1) < 1e-3 and abs(M[3]/(10*c_load) - 1) < 1e-3,
      "The gradient does not elute what was loaded.");
  end when;
  annotation(
    experiment(StopTime=1500, Tolerance=1e-5, Interval=1),
    Documentation(info="<html>
<p>Load, wash and a linear gradient of salt, a widely published case of steric mass action. The first solute of the column is
the salt.</p>
</html>"));
end StericMassActionElution;
