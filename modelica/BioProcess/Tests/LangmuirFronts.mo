within BioProcess.Tests;
model LangmuirFronts "Breakthrough under Langmuir binding: at a finite rate, and in rapid equilibrium"
  extends Icons.Example;
  parameter Integer n_cells = 200 "Cells";
  constant Units.Area A = 1 "Cross section";
  Chromatography.LumpedRateColumn kinetic(
    n_cells=n_cells, bed_volume=0.1*A, length=0.1, porosity=0.4, c_nominal=2, q_nominal=30,
    redeclare Chromatography.Isotherms.Langmuir isotherm(
      n_points=n_cells, n_solutes=1, k_ads={0.002}, k_des={0.002}, q_max={50})) "Case of Thomas";
  Chromatography.LumpedRateColumn rapid(
    n_cells=n_cells, bed_volume=0.2*A, length=0.2, porosity=0.35, c_nominal=4, q_nominal=100,
    redeclare Chromatography.Isotherms.LangmuirEquilibrium isotherm(
      n_points=n_cells, n_solutes=1, K={15}, q_max={120}, k=10)) "Shock";
  output Units.Fraction ratio "Share of the feed that leaves under kinetic binding";
  output Units.MassConcentration c "Concentration that leaves under rapid binding";
  output Units.Time t_breakthrough "Stoichiometric time of breakthrough under rapid binding so far";
protected
  Units.Time t_held(start=0, fixed=true, nominal=1000) "Time for which feed was held back";
equation
  kinetic.V_flow = 1e-3*0.4*A;
  kinetic.c_in[1] = 2;
  ratio = kinetic.c_out[1]/2;
  rapid.V_flow = 3/3600*A;
  rapid.c_in[1] = 4;
  c = rapid.c_out[1];
  der(t_held) = 1 - c/4;
  t_breakthrough = t_held;
  when time >= 2500 then
    assert(abs(ratio - 0.401786659) < 5e-4, "The breakthrough after 2500 s is off Thomas' solution.");
  end when;
  when time >= 3500 then
    assert(abs(ratio - 0.974602337) < 5e-4, "The breakthrough after 3500 s is off Thomas' solution.");
  end when;
  when time >= 4600 then
    assert(c < 0.01*4, "The front breaks through too early.");
  end when;
  when time >= 5900 then
    assert(abs(t_breakthrough/4687.27868852 - 1) < 1e-4, "The column holds another amount than its isotherm says.");
    assert(c < 4*1.001, "The front overshoots.");
  end when;
  annotation(
    experiment(StopTime=6000, Tolerance=1e-6, Interval=10),
    Documentation(info="<html>
<p>The cases of Thomas and IdealShock with the general column: Thomas 1944, Journal of the American Chemical Society 66:1664; breakthrough at
L/u<sub>s</sub> (&epsilon; + (1 &minus; &epsilon;) q*/c) = 4687 s.</p>
</html>"));
end LangmuirFronts;
