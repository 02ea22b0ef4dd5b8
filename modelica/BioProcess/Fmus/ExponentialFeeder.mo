within BioProcess.Fmus;
block ExponentialFeeder "Feed of a microbial culture, at a flow that grows with it"
  extends Feeds.ExponentialFeeder;
  annotation(experiment(StopTime=43200, Interval=600));
end ExponentialFeeder;
