within BioProcess.Fmus;
block OsmoticUltrafiltration "Ultrafiltration and diafiltration, flux by osmotic pressure"
  extends Filtration.OsmoticCrossFlow;
  annotation(experiment(StopTime=3600, Interval=60));
end OsmoticUltrafiltration;
