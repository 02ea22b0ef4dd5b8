within BioProcess.Controls;
block TemperatureController "Holds the temperature by that of the jacket"
  extends PartialController(gain=10, integral_time=1800, output_min=278.15, output_max=333.15, output_start=309.95);
  input Units.Temperature set_point(start=309.95, min=273.15, max=333.15) "Temperature that is wanted";
  input Units.Temperature measured(start=309.95, min=200, max=500) "Temperature";
  input Units.Temperature manual_output(start=309.95, min=273.15, max=353.15) "Temperature of the jacket, by hand";
  output Units.Temperature jacket_temperature "Temperature of the jacket";
equation
  deviation = set_point - measured;
  manual = manual_output;
  jacket_temperature = actual;
  annotation(Documentation(info="<html>
<p>Gain and times: calibrated to 2,000 L.</p>
</html>"));
end TemperatureController;
