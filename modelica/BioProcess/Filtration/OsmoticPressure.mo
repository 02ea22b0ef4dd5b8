within BioProcess.Filtration;
model OsmoticPressure "Flux limited by the osmotic pressure of protein at the membrane"
  extends PartialFlux;
  parameter Units.Velocity k(min=1e-9) = 5.555555555555556e-6 "Mass transfer: 20 L/(m2.h), calibrated";
  parameter Units.OsmoticCoefficient1 a1(min=0) = 16.75 "Osmotic pressure per protein: R T/148 kg/mol at 25 degC, van 't Hoff 1887";
  parameter Units.OsmoticCoefficient2 a2(min=0) = 0.1 "Osmotic pressure per protein squared: calibrated";
  parameter Units.OsmoticCoefficient3 a3(min=0) = 5e-3 "Osmotic pressure per protein cubed: calibrated";
equation
  flux = osmoticFlux(c, pressure, permeability, k, a1, a2, a3);
  annotation(Documentation(info="<html>
<p>J = L<sub>p</sub> (p &minus; &Pi;(c<sub>w</sub>)) with c<sub>w</sub> = c e<sup>J/k</sup> at the membrane and &Pi; =
a<sub>1</sub> c + a<sub>2</sub> c<sup>2</sup> + a<sub>3</sub> c<sup>3</sup>; none where &Pi;(c) exceeds the pressure.</p>
<h4>Assumptions</h4>
<p>Film theory; the membrane rejects protein wholly as far as osmosis goes.</p>
</html>"));
end OsmoticPressure;
