within BioProcess.Tests;
model GeneralRatePulse "Pulse through a column of porous particles with linear binding"
  extends Icons.Example;
  parameter Integer n_cells = 100 "Cells";
  parameter Integer n_radial = 4 "Points in a particle";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.014 "Length";
  parameter Units.Velocity u = 5.75e-4 "Interstitial velocity";
  Chromatography.GeneralRateColumn column(
    n_cells=n_cells, n_radial=n_radial, bed_volume=L*A, length=L, porosity=0.37, porosity_particle=0.75, radius=4.5e-5, D=5.75e-8,
    k_film={6.9e-6}, D_pore={6.07e-11}, q_nominal=1, c_nominal=0.1,
    isotherm(n_points=n_cells*n_radial, n_solutes=1, k_ads={3.55}, k_des={0.1})) "Column";
  output Units.Molarity c "Concentration that leaves";
  output Units.Time t_mean "Mean residence time so far";
  output Real variance(unit="s2") "Variance of the residence time so far";
protected
  Real M0(start=0, fixed=true, nominal=10) "Zeroth moment";
  Real M1(start=0, fixed=true, nominal=4000) "First moment";
  Real M2(start=0, fixed=true, nominal=2e6) "Second moment";
equation
  column.V_flow = u*0.37*A;
  column.c_in[1] = if time < 10 then 1 else 0;
  c = column.c_out[1];
  der(M0) = c;
  der(M1) = c*time;
  der(M2) = c*time*time;
  t_mean = M1/noEvent(max(M0, 1e-12));
  variance = M2/noEvent(max(M0, 1e-12)) - t_mean^2;
  when time >= 300 then
    assert(n_radial < 4 or abs(c/0.01941689385 - 1) < 1e-2, "The pulse after 300 s is off the inverse of its transform.");
  end when;
  when time >= 2900 then
    assert(abs(t_mean/428.3725 - 1) < 1e-3, "The mean residence time is off its closed form.");
  end when;
  annotation(
    experiment(StopTime=3000, Tolerance=1e-7, Interval=10),
    Documentation(info="<html>
<p>Mean L/u (1 + (1 &minus; &epsilon;)/&epsilon; (&epsilon;<sub>p</sub> + (1 &minus; &epsilon;<sub>p</sub>) K)) + t<sub>pulse</sub>/2 =
428.4 s; concentrations by numerical inversion of the Laplace transform.</p>
</html>"));
end GeneralRatePulse;
