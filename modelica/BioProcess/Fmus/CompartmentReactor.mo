within BioProcess.Fmus;
block CompartmentReactor "Culture in zones with flows between them"
  extends Compartments.Reactor;
  annotation(experiment(StopTime=3600, Interval=10));
end CompartmentReactor;
