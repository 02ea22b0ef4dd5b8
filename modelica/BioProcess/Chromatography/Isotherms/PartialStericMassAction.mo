within BioProcess.Chromatography.Isotherms;
partial model PartialStericMassAction "Ion exchange of proteins against a salt, solute 1, with shielding of sites"
  extends PartialIsotherm;
  parameter Units.Molarity Lambda "Ionic sites per volume of solid of a new resin";
  input Units.Fraction capacity = 1 "Sites that are left of Lambda";
  parameter Real k_ads[n_solutes] "Adsorption [1/s, times powers of amount/m3], not used of the salt";
  parameter Units.SpecificRate k_des[n_solutes] "Desorption at the reference concentration of salt, not used of the salt";
  parameter Units.Number nu[n_solutes] "Characteristic charges, of the salt 0";
  parameter Units.Number sigma[n_solutes] "Shielding factors, of the salt 0";
  parameter Units.MolarMass molar_mass[n_solutes] = ones(n_solutes) "Amount of each solute per mol: 1 if in mol";
  parameter Units.Molarity c_reference = 1 "Salt at which k_des holds";
  parameter Units.Molarity q_reference = 1 "Free sites at which k_ads holds";
  parameter Units.SpecificRate k_fast = 1e3
    "Fastest approach to equilibrium: numerical, much faster than the transport, or film and pores lumped into one rate";
  parameter Units.Fraction exchange = 1 "Share of the displaced salt that is released: 0 where a balance leaves it out";
  Units.Number z[n_points, n_solutes] "Characteristic charges that count: as given, or of the pH";
protected
  parameter Real x_small = 1e-9 "Share below which sites and salt are as good as none: numerical";
  Units.Molarity q_free[n_points] "Sites that are neither taken nor shielded";
  Real log_sites[n_points] "Logarithm of the free sites over their reference";
  Real log_salt[n_points] "Logarithm of the salt over its reference";
  Units.SpecificRate a[n_points, n_solutes] "Adsorption";
  Units.SpecificRate d[n_points, n_solutes] "Desorption";
equation
  for i in 1:n_points loop
    q_free[i] = capacity*Lambda - q[i, 2:n_solutes]*((nu[2:n_solutes] + sigma[2:n_solutes])./molar_mass[2:n_solutes]);
    log_sites[i] = log(positive(q_free[i], x_small*Lambda)/q_reference);
    log_salt[i] = log(positive(c[i, 1], 1e-3)/c_reference);
    r[i, 1] = -exchange*(r[i, 2:n_solutes]*(nu[2:n_solutes]./molar_mass[2:n_solutes]));
    a[i, 1] = 0;
    d[i, 1] = 0;
    for k in 2:n_solutes loop
      a[i, k] = k_ads[k]*exp(z[i, k]*log_sites[i]);
      d[i, k] = k_des[k]*exp(z[i, k]*log_salt[i]);
      r[i, k] = (a[i, k]*c[i, k] - d[i, k]*q[i, k])/(1 + (a[i, k] + d[i, k])/k_fast);
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>Steric mass action, Brooks and Cramer 1992, AIChE Journal 38:1969: dq/dt = k<sub>ads</sub> c (free
sites)<sup>&nu;</sup> &minus; k<sub>des</sub> q (salt)<sup>&nu;</sup>, free sites = &Lambda; &minus; &Sigma; (&nu; + &sigma;) q. Solute
1 is the salt; what it had bound is &Lambda; &minus; &Sigma; &nu; q, so that its q_start is &Lambda;.</p>
<p>Rates are divided by 1 + (adsorption + desorption)/k_fast: the equilibrium stays as it is and slow binding too, but
rates of 10<sup>15</sup> per second, which nothing can resolve, become k_fast. A small k_fast stands for film and pores: of a
protein that is bound tightly, k_fast c is taken up.</p>
</html>"));
end PartialStericMassAction;
