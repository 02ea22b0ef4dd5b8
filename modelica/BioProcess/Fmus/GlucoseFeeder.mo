within BioProcess.Fmus;
block GlucoseFeeder "Daily feed by measured glucose, from day 2"
  extends Feeds.BolusFeeder;
  annotation(experiment(StopTime=1209600, Interval=3600));
end GlucoseFeeder;
