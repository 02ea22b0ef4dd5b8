within BioProcess.Fmus;
block Glycosylation "Glycans of the antibody from plug flow through the Golgi"
  extends Quality.GolgiPlugFlow;
  annotation(experiment(StopTime=14400, Interval=600));
end Glycosylation;
