within BioProcess.Tests;
model IdealShock "Breakthrough of a steep front under fast Langmuir binding"
  extends Icons.Example;
  parameter Integer n = 200 "Number of cells";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.2 "Length";
  parameter Units.Velocity u_s = 3/3600 "Superficial velocity: 300 cm/h";
  parameter Units.Fraction eps = 0.35 "Porosity";
  parameter Units.MassConcentration q_max = 120 "Capacity per volume of solid";
  parameter Real K(unit="m3/kg") = 15 "Affinity";
  parameter Units.MassConcentration c_feed = 4 "Feed";
  parameter Units.SpecificRate k = 10 "Uptake, fast";
  Chromatography.LumpedRateColumn column(
    n_cells=n, bed_volume=L*A, length=L, porosity=eps, c_nominal=4, q_nominal=100,
    redeclare Chromatography.Isotherms.Langmuir isotherm(
      n_points=n, n_solutes=1, k_ads={k/q_max}, k_des={k/(q_max*K)}, q_max={q_max})) "Column";
  output Units.MassConcentration c "Concentration that leaves";
  output Units.MassConcentration q_inlet "Loading at the inlet";
  output Units.Time t_breakthrough "Stoichiometric time of breakthrough so far";
protected
  parameter Units.Time t_ideal = L/u_s*(eps + (1 - eps)*q_max*K/(1 + K*c_feed)) "Closed form of the breakthrough";
  Units.Time t_held(start=0, fixed=true, nominal=1000) "Time for which feed was held back";
equation
  column.V_flow = u_s*A;
  column.c_in[1] = c_feed;
  c = column.c_out[1];
  q_inlet = column.isotherm.q[1, 1];
  der(t_held) = 1 - c/c_feed;
  t_breakthrough = t_held;
  when time >= 0.98*t_ideal then
    assert(c < 0.5*c_feed, "The front breaks through too early.");
  end when;
  when time >= 1.02*t_ideal then
    assert(c > 0.5*c_feed, "The front breaks through too late.");
  end when;
  annotation(
    experiment(StopTime=6000, Tolerance=1e-7, Interval=10),
    Documentation(info="<html>
<p>Loading q* = q<sub>max</sub> K c/(1 + K c) = 118.03 g/L; breakthrough at L/u<sub>s</sub> (&epsilon; + (1 &minus; &epsilon;) q*/c) = 4687 s.</p>
</html>"));
end IdealShock;
