within BioProcess.Fmus;
block UltrafiltrationDiafiltration "Ultrafiltration and diafiltration, flux by gel polarisation"
  extends Filtration.CrossFlow;
  annotation(experiment(StopTime=3600, Interval=60));
end UltrafiltrationDiafiltration;
