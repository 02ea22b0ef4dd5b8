within BioProcess.Fmus;
block Thaw "Vials thawed into a flask: viability after the thaw, lag, late death"
  extends SeedTrain.Vessel(
    kinetics(mu_max=mu_max, lag=lag, mu_late=mu_late),
    final volume_start=vials*vial_volume,
    cells_start=cells_vial*viability_thaw,
    viability_start=viability_thaw,
    volume_max=0.2e-3,
    medium_flow=1e-6,
    cells_next=1e11);
  parameter Units.Number vials(min=0, max=1000) = 1 "Vials";
  parameter Units.Volume vial_volume(min=0, max=1e-4) = 1e-6 "Volume of one vial: 1 mL, customary";
  parameter Units.CellConcentration cells_vial(min=0, max=1e15) = 2e13 "Cells in a vial: 20e6 per mL, customary";
  parameter Units.Fraction viability_thaw(min=0.01, max=1) = 0.9
    "Viable share of the cells just after the thaw: customary";
  parameter Units.SpecificRate mu_max(min=0, max=1e-3) = 1.0277777777777778e-5
    "Largest growth rate: 0.037 1/h, Kornecki and Strube 2018, doi:10.3390/bioengineering5010025";
  parameter Units.Time lag(min=0, max=864000) = 86400 "Lag after the thaw: one day, customary";
  parameter Units.SpecificRate mu_late(min=0, max=1e-3) = 2e-6
    "Death rate just after the thaw: 8 % of the cells in all, calibrated";
  annotation(
    experiment(StopTime=345600, Interval=3600),
    Documentation(info="<html>
<p>One vial of 1 mL with 20e6 cells per mL, thawed into a flask.</p>
<h4>Limitations</h4>
<p>The cryoprotectant is not a species; its dilution below harm is part of the lag.</p>
</html>"));
end Thaw;
