within BioProcess.Filtration;
block DepthMedium "Depth filter: cells, debris, DNA and some host cell protein stay"
  extends PartialFilter(
    area=20, volume_hold=0.02, J_clean=2.8e-5, p_nominal=1e5, K_standard=5,
    retention=Species.vector(
      cells_viable=1, cells_dead=1, debris=retention_debris, biomass=1, hcp=retention_hcp, dna=retention_dna,
      mab_aggregate=retention_aggregate),
    filling=Species.vector(
      debris=1/(capacity_debris*area), hcp=1/(capacity_hcp*area), dna=1/(capacity_dna*area)));
  parameter Units.Fraction retention_debris(min=0, max=1) = 0.98
    "Share of debris that a fresh filter holds back: calibrated";
  parameter Units.Fraction retention_hcp(min=0, max=1) = 0.3
    "Share of host cell protein that a fresh filter holds back: calibrated";
  parameter Units.Fraction retention_dna(min=0, max=1) = 0.9
    "Share of DNA that a fresh filter holds back: calibrated";
  parameter Units.Fraction retention_aggregate(min=0, max=1) = 0.1 "Share of aggregates that is held back: calibrated";
  parameter Units.MassPerArea capacity_debris(min=1e-9) = 1 "Debris at which the filter is full: calibrated";
  parameter Units.MassPerArea capacity_hcp(min=1e-9) = 0.03 "Host cell protein at which the filter is full: calibrated";
  parameter Units.MassPerArea capacity_dna(min=1e-9) = 0.02 "DNA at which the filter is full: calibrated";
  annotation(Documentation(info="<html>
<p>Sieves particles and adsorbs what is negatively charged: DNA almost fully, host cell protein in part, until it is
full.</p>
<h4>References</h4>
<p>Yigzaw et al. 2006, Biotechnology Progress 22:288; Charlton et al. 1999, Bioseparation 8:281.</p>
</html>"));
end DepthMedium;
