within BioProcess.Fmus;
block VirusFilter "Virus filter whose retention falls as the flux decays"
  extends Filtration.VirusMembrane;
  annotation(experiment(StopTime=7200, Interval=60));
end VirusFilter;
