within BioProcess.Tests;
model OxygenTransfer "Aeration of a liquid, read by a probe that lags"
  extends Icons.Example;
  parameter Units.SpecificRate kLa = 8.0/3600 "Transfer coefficient";
  parameter Units.Molarity c_equilibrium = 0.2 "Concentration in equilibrium with the gas";
  parameter Units.MolarVolumetricRate uptake = 0 "Oxygen that cells take up";
  parameter Units.Molarity c_start = 0 "Dissolved oxygen at the start";
  Fmus.Probe probe "Probe";
  output Units.Molarity c(start=c_start, fixed=true, nominal=0.1) "Dissolved oxygen";
  output Real reading "What the probe shows";
equation
  der(c) = GasTransfer.transferRate(kLa, c_equilibrium, c) - uptake;
  probe.measured = c;
  reading = probe.reading;
  when time >= 3600 then
    assert(abs(c - c_equilibrium + uptake/kLa) < 1e-3*c_equilibrium, "Oxygen does not come to its steady state.");
  end when;
  annotation(
    experiment(StopTime=3700, Tolerance=1e-8, Interval=10),
    Documentation(info="<html>
<p>Closed form: C = C<sub>s</sub> + (C<sub>0</sub> &minus; C<sub>s</sub>) exp(&minus;k<sub>L</sub>a t), C<sub>s</sub> = C* &minus;
OUR/k<sub>L</sub>a.</p>
</html>"));
end OxygenTransfer;
