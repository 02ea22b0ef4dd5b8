within BioProcess.Fmus;
block HoldTank "Tank that receives a stream and delivers on demand"
  extends Formulation.AgeingTank;
  annotation(experiment(StopTime=3600, Interval=60));
end HoldTank;
