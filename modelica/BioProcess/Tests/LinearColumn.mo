within BioProcess.Tests;
model LinearColumn "Pulse through a column with linear binding"
  extends Icons.Example;
  parameter Integer n = 400 "Number of cells";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 1 "Length";
  parameter Units.Velocity u = 1/30 "Interstitial velocity";
  parameter Units.Fraction eps = 0.6 "Porosity";
  parameter Units.Diffusivity D = 1e-4 "Axial dispersion";
  parameter Units.SpecificRate k_ads = 1 "Adsorption";
  parameter Units.SpecificRate k_des = 1 "Desorption";
  parameter Units.Time t_pulse = 10 "Length of the pulse";
  Chromatography.LumpedRateColumn column(
    n_cells=n, bed_volume=L*A, length=L, porosity=eps, D=D,
    isotherm(n_points=n, n_solutes=1, k_ads={k_ads}, k_des={k_des})) "Column";
  output Units.MassConcentration c "Concentration that leaves";
  output Units.Time t_mean "Mean residence time so far";
  output Real variance(unit="s2") "Variance of the residence time so far";
protected
  Real M0(start=0, fixed=true, nominal=10) "Zeroth moment";
  Real M1(start=0, fixed=true, nominal=500) "First moment";
  Real M2(start=0, fixed=true, nominal=30000) "Second moment";
equation
  column.V_flow = u*eps*A;
  column.c_in[1] = if time < t_pulse then 1 else 0;
  c = column.c_out[1];
  der(M0) = c;
  der(M1) = c*time;
  der(M2) = c*time*time;
  t_mean = M1/noEvent(max(M0, 1e-12));
  variance = M2/noEvent(max(M0, 1e-12)) - t_mean^2;
  when M0 >= 0.99999*t_pulse then
    assert(abs(t_mean/(t_pulse/2 + L/u*(1 + (1 - eps)/eps*k_ads/k_des)) - 1) < 1e-3, "The mean residence time is off its closed form.");
  end when;
  annotation(
    experiment(StopTime=300, Tolerance=1e-7, Interval=0.25),
    Documentation(info="<html>
<p>Mean L/u (1 + F K) + t<sub>pulse</sub>/2 = 55 s; concentrations by numerical inversion of the Laplace transform.</p>
</html>"));
end LinearColumn;
