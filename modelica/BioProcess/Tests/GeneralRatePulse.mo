within BioProcess.Tests;
model GeneralRatePulse "Pulse through a column of porous particles with linear binding"
  extends Icons.Example;
  parameter Integer n_cells = 100 "Cells";
  parameter Integer n_radial = 4 "Points in a particle";
  constant Units.Area A = 1 "Cross section";
  parameter Units.Length L = 0.014 "Length";
  parameter Units.Velocity u = 5.75e-4 "Interstitial velocity";
  parameter Units.Fraction eps = 0.37 "Porosity between the particles";
  parameter Units.Fraction eps_particle = 0.75 "Porosity of the particles";
  parameter Units.Length radius = 4.5e-5 "Radius of the particles";
  parameter Units.Diffusivity D = 5.75e-8 "Axial dispersion";
  parameter Units.Velocity k_film = 6.9e-6 "Transfer through the film";
  parameter Units.Diffusivity D_pore = 6.07e-11 "Diffusion in the pores";
  parameter Units.SpecificRate k_ads = 3.55 "Adsorption";
  parameter Units.SpecificRate k_des = 0.1 "Desorption";
  parameter Units.Time t_pulse = 10 "Length of the pulse";
  Chromatography.GeneralRateColumn column(
    n_cells=n_cells, n_radial=n_radial, bed_volume=L*A, length=L, porosity=eps, porosity_particle=eps_particle, radius=radius,
    D=D, k_film={k_film}, D_pore={D_pore}, q_nominal=1, c_nominal=0.1,
    isotherm(n_points=n_cells*n_radial, n_solutes=1, k_ads={k_ads}, k_des={k_des})) "Column";
  output Units.Molarity c "Concentration that leaves";
  output Units.Time t_mean "Mean residence time so far";
  output Real variance(unit="s2") "Variance of the residence time so far";
protected
  Real M0(start=0, fixed=true, nominal=10) "Zeroth moment";
  Real M1(start=0, fixed=true, nominal=4000) "First moment";
  Real M2(start=0, fixed=true, nominal=2e6) "Second moment";
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
    assert(abs(t_mean/(t_pulse/2 + L/u*(1 + (1 - eps)/eps*(eps_particle + (1 - eps_particle)*k_ads/k_des))) - 1) < 1e-3, "The mean residence time is off its closed form.");
  end when;
  annotation(
    experiment(StopTime=3000, Tolerance=1e-7, Interval=10),
    Documentation(info="<html>
<p>Mean L/u (1 + (1 &minus; &epsilon;)/&epsilon; (&epsilon;<sub>p</sub> + (1 &minus; &epsilon;<sub>p</sub>) K)) + t<sub>pulse</sub>/2 =
428.4 s; concentrations by numerical inversion of the Laplace transform.</p>
</html>"));
end GeneralRatePulse;
