within BioProcess.Fmus;
block SeedReactor "One passage of a seed train, from N-3 to N-1"
  extends SeedTrain.Vessel(kinetics(mu_max=mu_max, lag=lag));
  parameter Units.SpecificRate mu_max(min=0, max=1e-3) = 1.0277777777777778e-5
    "Largest growth rate: 0.037 1/h, Kornecki and Strube 2018, doi:10.3390/bioengineering5010025";
  parameter Units.Time lag(min=0, max=864000) = 0 "Lag after the passage";
  annotation(
    experiment(StopTime=259200, Interval=3600),
    Documentation(info="<html>
<p>N-1 of the flagship process: 300 L, from which 1,500 L at 0.5e6 viable cells per mL are inoculated.</p>
</html>"));
end SeedReactor;
