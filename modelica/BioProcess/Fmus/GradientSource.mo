within BioProcess.Fmus;
block GradientSource "Two buffers, mixed at a set share or along a gradient"
  extends Feeds.BufferGradient;
  annotation(experiment(StopTime=3600, Interval=60));
end GradientSource;
