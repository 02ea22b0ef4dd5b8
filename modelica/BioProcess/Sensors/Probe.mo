within BioProcess.Sensors;
block Probe "First-order lag, drift, and sampling with a delay"
  extends Icons.UnitOperation;
  parameter Units.Time lag(min=0.001) = 30 "Time constant: a polarographic oxygen probe, customary";
  parameter Real drift(unit="1/s") = 0 "What the reading gains per time, in the unit of the quantity";
  parameter Real offset = 0 "What the reading has too much at the start, in the unit of the quantity";
  parameter Units.Time sampling_interval(min=0) = 0 "Time between samples, 0 to read all the time";
  parameter Units.Time sampling_delay(min=0) = 0 "Time from a sample to its result, less than the interval";
  input Real measured(min=-1e30, max=1e30) "What is measured";
  output Real reading "What the instrument shows";
protected
  Real x(nominal=1) "Behind the lag";
  Real shown "With drift";
  Units.Time age(start=0, fixed=true, nominal=1e5) "Time since calibration";
  discrete Real sampled(start=0, fixed=true) "Sample last taken";
  discrete Real published(start=0, fixed=true) "Result last published";
  discrete Units.Time t_sample(start=1e300, fixed=true) "Next sample";
  discrete Units.Time t_publish(start=1e300, fixed=true) "Next result";
initial equation
  x = measured;
equation
  assert(sampling_interval <= 0 or sampling_delay < sampling_interval,
    "sampling_delay must be less than sampling_interval: make the interval longer or the delay shorter.");
  der(x) = (measured - x)/lag;
  der(age) = 1;
  shown = x + offset + drift*age;
  when initial() then
    sampled = measured + offset;
    t_sample = if sampling_interval > 0 then time + sampling_interval else 1e300;
  elsewhen time >= pre(t_sample) then
    sampled = shown;
    t_sample = pre(t_sample) + sampling_interval;
  end when;
  when initial() then
    published = measured + offset;
    t_publish = if sampling_interval > 0 then time + sampling_interval + sampling_delay else 1e300;
  elsewhen time >= pre(t_publish) then
    published = sampled;
    t_publish = pre(t_publish) + sampling_interval;
  end when;
  reading = if sampling_interval > 0 then published else shown;
  annotation(Documentation(info="<html>
<h4>Equations</h4>
<p>lag dx/dt = measured &minus; x, reading = x + offset + drift t. With sampling_interval above 0 the reading holds between
results, and a result is the sample taken sampling_delay before.</p>
<h4>Assumptions</h4>
<p>At the start the probe is at rest. No noise.</p>
</html>"));
end Probe;
