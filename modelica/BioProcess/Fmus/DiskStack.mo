within BioProcess.Fmus;
block DiskStack "Disk-stack centrifuge"
  extends Separation.Centrifuge;
  annotation(experiment(StopTime=3600, Interval=60));
end DiskStack;
