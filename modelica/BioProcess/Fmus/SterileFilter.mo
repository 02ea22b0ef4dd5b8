within BioProcess.Fmus;
block SterileFilter "Sterile filter, 0.2 um"
  extends Filtration.SterileMembrane;
  annotation(experiment(StopTime=7200, Interval=60));
end SterileFilter;
