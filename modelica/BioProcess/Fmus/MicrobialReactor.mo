within BioProcess.Fmus;
block MicrobialReactor "Fed-batch fermenter with a microbe that makes an antigen inside its cells"
  extends Reactors.Microbial;
  annotation(
    experiment(StopTime=43200, Interval=600),
    Documentation(info="<html>
<p>200 L, Escherichia coli on glucose and ammonia. Wire ExponentialFeeder, OxygenController, PhController, with ammonia in
its base, and TemperatureController to it.</p>
</html>"));
end MicrobialReactor;
