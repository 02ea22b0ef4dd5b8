within BioProcess.Tests;
model LumpedPorePulse "Pulse through a column of particles without a gradient inside"
  extends GeneralRatePulse(n_radial=1);
  annotation(experiment(StopTime=3000, Tolerance=1e-7, Interval=10));
end LumpedPorePulse;
