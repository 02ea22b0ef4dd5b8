within BioProcess.Filtration;
block VirusMembrane "Virus filter whose retention falls as the flux decays"
  extends PartialFilter(
    area=1.4, volume_hold=0.002, J_clean=1.39e-5, p_nominal=2e5, K_intermediate=1.2,
    retention=Species.vector(
      cells_viable=1, cells_dead=1, debris=1, biomass=1, mab=retention_mab, mab_aggregate=retention_aggregate,
      antigen=retention_mab, dna=retention_dna));
  parameter Units.Fraction retention_mab(min=0, max=1) = 0.008 "Share of antibody that clogs the filter: calibrated";
  parameter Units.Fraction retention_aggregate(min=0, max=1) = 0.3 "Share of aggregates that is held back: calibrated";
  parameter Units.Fraction retention_dna(min=0, max=1) = 0.2 "Share of DNA that is held back: calibrated";
  parameter Units.Number lrv_clean(min=0) = 6 "Log reduction of parvovirus by the clean filter: calibrated";
  parameter Units.Number lrv_loss(min=0) = 2.5
    "Loss of log reduction when the flux has come to nothing: calibrated";
  output Units.Number lrv_now "Log reduction at this moment";
  output Units.Number lrv "Log reduction over all that has passed";
protected
  constant Units.Volume V_small = 1e-9 "Volume that is as good as none: numerical";
  Units.Volume V_passed(start=0, fixed=true, nominal=1e-5) "Volume whose virus has passed";
equation
  lrv_now = lrv_clean - lrv_loss*(1 - relative_flux);
  der(V_passed) = outflow.V_flow*10^(-lrv_now);
  lrv = -log10((V_passed + V_small*10^(-lrv_clean))/(V_filtered + V_small));
  annotation(Documentation(info="<html>
<p>Virus goes through the more, the more the filter has clogged: log reduction falls in proportion to the loss of flux.
What counts is the mean of the virus that has passed.</p>
<h4>Equations</h4>
<p>LRV = LRV<sub>0</sub> &minus; loss (1 &minus; J/J<sub>0</sub>); overall: &minus;log<sub>10</sub> of the mean of
10<sup>&minus;LRV</sup> over the volume.</p>
<h4>Limitations</h4>
<p>Virus is not a species. Pauses of the flow, which can lower retention, have no effect.</p>
<h4>References</h4>
<p>Lute et al. 2007, Biotechnology and Applied Biochemistry 47:141: log reduction falls with flux decay.</p>
</html>"));
end VirusMembrane;
