within BioProcess.Filtration;
block SterileMembrane "Sterile filter, 0.2 um"
  extends PartialFilter(
    area=0.2, volume_hold=0.0003, J_clean=2.8e-4, p_nominal=1e5, K_standard=0.5,
    retention=Species.vector(
      cells_viable=1, cells_dead=1, debris=1, biomass=1, mab=retention_mab),
    filling=Species.vector(mab=1/(capacity_mab*area)));
  parameter Units.Fraction retention_mab(min=0, max=1) = 0.05
    "Share of antibody that a fresh membrane takes up: calibrated";
  parameter Units.MassPerArea capacity_mab(min=1e-9) = 0.005 "Antibody that a membrane takes up: 5 g/m2, calibrated";
  annotation(Documentation(info="<html>
<p>Microbes and particles stay; a little protein sticks to the membrane until it is covered.</p>
</html>"));
end SterileMembrane;
