within BioProcess.Tests;
model Thomas "Breakthrough under kinetic Langmuir binding without dispersion"
  extends Icons.Example;
  parameter Integer n = 400 "Number of cells";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.1 "Length";
  parameter Units.Velocity u = 1e-3 "Interstitial velocity";
  parameter Units.Fraction eps = 0.4 "Porosity";
  parameter Units.MassConcentration c_feed = 2 "Feed";
  parameter Units.MassConcentration q_max = 50 "Capacity per volume of solid";
  parameter Real k_ads(unit="m3/(kg.s)") = 0.002 "Adsorption";
  parameter Real K(unit="m3/kg") = 1 "Affinity";
  Chromatography.LumpedRateColumn column(
    n_cells=n, bed_volume=L*A, length=L, porosity=eps, c_nominal=2, q_nominal=30,
    redeclare Chromatography.Isotherms.Langmuir isotherm(
      n_points=n, n_solutes=1, k_ads={k_ads}, k_des={k_ads/K}, q_max={q_max})) "Column";
  output Units.MassConcentration c "Concentration that leaves";
  output Units.Fraction ratio "Share of the feed that leaves";
equation
  column.V_flow = u*eps*A;
  column.c_in[1] = c_feed;
  c = column.c_out[1];
  ratio = c/c_feed;
  assert(ratio > -1e-3 and ratio < 1.001, "The breakthrough leaves the range from 0 to 1.");
  annotation(
    experiment(StopTime=3600, Tolerance=1e-7, Interval=10),
    Documentation(info="<html>
<p>Thomas 1944, Journal of the American Chemical Society 66:1664.</p>
</html>"));
end Thomas;
