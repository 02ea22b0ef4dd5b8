within BioProcess.Tests;
model BufferMixing "Shares of two buffers before, along and after a gradient, and what was sent"
  extends Icons.Example;
  Fmus.AnionBuffers buffers "Buffers";
  Vessels.Pipe pipe "To a tank";
  Vessels.Tank tank(volume_start=0) "Tank";
equation
  connect(buffers.outlet, pipe.from);
  connect(pipe.to, tank.inlet);
  buffers.flow_set = 1e-4;
  buffers.share = 0.1;
  buffers.share_end = 0.5;
  buffers.gradient_volume = 0.1;
  buffers.gradient = time >= 1000 and time < 2500;
  buffers.sanitise = time >= 3000;
  tank.demand = 0;
  tank.outlet.demand = 0;
  when time >= 1500 then
    assert(abs(buffers.share_now - 0.3) < 1e-6, "The gradient is not half way after half of its volume.");
  end when;
  when time >= 2400 then
    assert(abs(buffers.outlet.c_sodium - 540) < 1e-6, "The gradient does not stay at its end.");
  end when;
  when time >= 2999 then
    assert(abs(tank.held_sodium/(1e-4*(1000*172 + 1000*356 + 500*540 + 499*172)) - 1) < 1e-6,
      "What was sent is not the integral of the gradient.");
  end when;
  annotation(experiment(StopTime=3600, Interval=10));
end BufferMixing;
