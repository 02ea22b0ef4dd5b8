within BioProcess.Controls;
partial block PartialController "Proportional and integral control of one quantity"
  extends Icons.UnitOperation;
  parameter Real gain "Output per deviation";
  parameter Units.Time integral_time(min=0.1) "Time in which the integral repeats the proportional part";
  parameter Real output_min "Least output";
  parameter Real output_max "Largest output";
  parameter Real output_start "Output at the start";
  parameter Units.Time tracking_time(min=0.1) = 10 "Time in which the integral follows limits and manual output: customary";
  input Boolean automatic(start=true) "= true, if the controller acts, else the output is manual_output";
protected
  Real deviation "Set point less what is measured";
  Real manual "Output by hand";
  Real integral(nominal=1) "Integral part";
  Real wanted "Output without limits";
  Real actual "Output";
initial equation
  integral = output_start - gain*deviation;
equation
  assert(output_min < output_max, "output_min must be less than output_max: set the limits the other way round.");
  wanted = if automatic then gain*deviation + integral else manual;
  actual = noEvent(min(max(wanted, output_min), output_max));
  der(integral) = if automatic then gain*deviation/integral_time + (actual - wanted)/tracking_time
    else (actual - gain*deviation - integral)/tracking_time;
  annotation(Documentation(info="<html>
<h4>Equations</h4>
<p>u = min(max(K e + I, u<sub>min</sub>), u<sub>max</sub>), dI/dt = K e/T<sub>i</sub> + (u &minus; K e &minus;
I)/T<sub>t</sub>; by hand I follows u &minus; K e, so that nothing jumps on the way back.</p>
<h4>References</h4>
<p>Astrom and Hagglund 2006, Advanced PID Control: back-calculation.</p>
</html>"));
end PartialController;
