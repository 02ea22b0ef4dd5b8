within BioProcess.Chromatography;
function pressureDrop "Pressure that drives a flow through a packed bed"
  input Units.Velocity u "Superficial velocity";
  input Units.Length length "Length of the bed";
  input Units.Length d_particle "Diameter of the particles";
  input Units.Fraction porosity "Share of the bed between the particles";
  input Units.DynamicViscosity mu "Viscosity of the liquid";
  input Units.Density rho "Density of the liquid";
  output Units.Pressure p "Pressure drop";
protected
  Real solid "Share of the bed that is particles, over that between them";
algorithm
  solid := (1 - porosity)/porosity;
  p := length*u/(d_particle*porosity)*(150*mu*solid^2/d_particle + 1.75*rho*solid*u/porosity);
  annotation(Documentation(info="<html>
<p>&Delta;p/L = 150 &mu; u (1 &minus; &epsilon;)<sup>2</sup>/(&epsilon;<sup>3</sup> d<sup>2</sup>) + 1.75 &rho; u<sup>2</sup> (1 &minus;
&epsilon;)/(&epsilon;<sup>3</sup> d): Ergun 1952, Chemical Engineering Progress 48:89&ndash;94. The first term, Kozeny's and
Carman's, is all that counts in a column.</p>
</html>"));
end pressureDrop;
