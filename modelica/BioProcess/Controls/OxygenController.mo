within BioProcess.Controls;
block OxygenController "Holds dissolved oxygen by the oxygen in the gas"
  extends PartialController(gain=2, integral_time=600, output_min=0.2095, output_max=1, output_start=0.2095);
  input Units.Fraction set_point(start=0.4, min=0, max=2) "Dissolved oxygen that is wanted, over that under air";
  input Units.Fraction measured(min=-10, max=10) "Dissolved oxygen over that under air";
  input Units.Fraction manual_output(start=0.2095, min=0, max=1) "Oxygen in the gas, by hand";
  output Units.Fraction gas_oxygen "Oxygen in the gas";
equation
  deviation = set_point - measured;
  manual = manual_output;
  gas_oxygen = actual;
  annotation(Documentation(info="<html>
<p>Enriches air with oxygen. Gain and times: calibrated to 2,000 L.</p>
</html>"));
end OxygenController;
