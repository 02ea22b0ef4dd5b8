within BioProcess.Tests;
model SizeExclusion "Pulses of a small, a middling and an excluded solute through particles that bind nothing"
  extends Icons.Example;
  parameter Integer n_cells = 50 "Cells";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.1 "Length";
  parameter Units.Velocity u = 1e-3 "Interstitial velocity";
  Chromatography.GeneralRateColumn column(
    n_cells=n_cells, n_solutes=3, n_radial=3, bed_volume=L*A, length=L, porosity=0.4, porosity_particle=0.8,
    radius=2e-5, D=1e-7, k_film={2e-5, 1e-5, 5e-6}, D_pore={2e-10, 5e-11, 1e-11}, access={1, 0.5, 1e-6},
    redeclare Chromatography.Isotherms.NoBinding isotherm(n_points=n_cells*3, n_solutes=3)) "Column";
  output Units.Time t_mean[3] "Mean residence times so far";
protected
  Real M0[3](each start=0, each fixed=true, each nominal=10) "Zeroth moments";
  Real M1[3](each start=0, each fixed=true, each nominal=3000) "First moments";
equation
  column.V_flow = u*0.4*A;
  for k in 1:3 loop
    column.c_in[k] = if time < 10 then 1 else 0;
    der(M0[k]) = column.c_out[k];
    der(M1[k]) = column.c_out[k]*time;
    t_mean[k] = M1[k]/noEvent(max(M0[k], 1e-12));
  end for;
  when time >= 590 then
    assert(abs(t_mean[1]/225 - 1) < 1e-3, "The small solute does not see all of the pores.");
    assert(abs(t_mean[2]/165 - 1) < 1e-3, "The middling solute does not see half of the pores.");
    assert(abs(t_mean[3]/105 - 1) < 1e-3, "The excluded solute does not pass beside the particles.");
  end when;
  annotation(
    experiment(StopTime=600, Tolerance=1e-7, Interval=2),
    Documentation(info="<html>
<p>Mean L/u (1 + (1 &minus; &epsilon;)/&epsilon; &epsilon;<sub>p</sub> F) + t<sub>pulse</sub>/2 with the open share F = 1,
0.5 and 0 of the pores: 225, 165 and 105 s.</p>
</html>"));
end SizeExclusion;
