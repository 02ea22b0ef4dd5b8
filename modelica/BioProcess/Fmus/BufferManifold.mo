within BioProcess.Fmus;
block BufferManifold "Buffers of a capture step, selected by name"
  extends Feeds.BufferSource;
  annotation(experiment(StopTime=3600, Interval=60));
end BufferManifold;
