within BioProcess.Tests;
model SampledProbe "A sample becomes a result after its delay, with the drift of the instrument"
  extends Icons.Example;
  Sensors.Probe probe(lag=0.01, drift=1e-3, offset=0.5, sampling_interval=60, sampling_delay=20) "Analyser";
equation
  probe.measured = time;
  when time >= 79 then
    assert(abs(probe.reading - 0.5) < 1e-6, "A result is out before its time.");
  end when;
  when time >= 130 then
    assert(abs(probe.reading - 60.56) < 0.02, "The result is not the sample taken 20 s before it.");
  end when;
  annotation(experiment(StopTime=200, Tolerance=1e-7, Interval=1));
end SampledProbe;
