within BioProcess.Separation;
function carryOver "Share of particles that leave with the centrate"
  input Units.VolumeFlowRate V_flow "Feed flow";
  input Units.Area Sigma "Equivalent settling area";
  input Units.Number efficiency "Share of the settling area that works";
  input Units.Length d "Diameter of the particles";
  input Units.Density delta_rho "Density of the particles less that of the liquid";
  input Units.DynamicViscosity eta "Viscosity of the liquid";
  output Units.Fraction share "Between 0 and 1";
protected
  constant Units.Acceleration g = 9.80665 "Standard gravity, ISO 80000-3";
  Units.VolumeFlowRate capacity "Flow at which the particles are just separated";
algorithm
  capacity := delta_rho*d*d*g/(18*eta)*Sigma*efficiency;
  share := exp(-(0.865^2*capacity/max(V_flow, 1e-6*capacity))^1.04);
  annotation(Documentation(info="<html>
<p>1 &minus; share = 1 &minus; exp(&minus;(0.865 d/d<sub>c</sub>)<sup>2.08</sup>) with the critical diameter
d<sub>c</sub> = sqrt(18 &eta; Q/(&Delta;&rho; g &Sigma; efficiency)).
Source of the grade efficiency: Mannweiler and Hoare 1992, Bioprocess Engineering 8:19.</p>
</html>"));
end carryOver;
