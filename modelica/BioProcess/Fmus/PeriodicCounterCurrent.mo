within BioProcess.Fmus;
block PeriodicCounterCurrent "Protein A columns that capture in turn, each followed by the next"
  extends Chromatography.CounterCurrentCapture;
  annotation(experiment(StopTime=3600, Interval=60));
end PeriodicCounterCurrent;
