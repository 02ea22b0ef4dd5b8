within BioProcess.Fmus;
block AnionBuffers "Buffers of an anion exchanger: A equilibrates and chases, B strips"
  extends Feeds.BufferGradient(
    redeclare Data.AnionEquilibrationBuffer a, redeclare Data.AnionStripBuffer b);
  annotation(experiment(StopTime=3600, Interval=60));
end AnionBuffers;
