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
protected
  parameter Units.Molarity c_steady = c_equilibrium - uptake/kLa "Where it comes to rest";
equation
  der(c) = GasTransfer.transferRate(kLa, c_equilibrium, c) - uptake;
  probe.measured = c;
  reading = probe.reading;
  assert(abs(c - c_steady - (c_start - c_steady)*exp(-kLa*time)) < 1e-4*(c_equilibrium + c_start),
    "Oxygen is off its closed form.");
  annotation(
    experiment(StopTime=3700, Tolerance=1e-8, Interval=10),
    Documentation(info="<html>
<p>Closed form: C = C<sub>s</sub> + (C<sub>0</sub> &minus; C<sub>s</sub>) exp(&minus;k<sub>L</sub>a t), C<sub>s</sub> = C* &minus;
OUR/k<sub>L</sub>a.</p>
</html>"));
end OxygenTransfer;
