within BioProcess.Data;
record SecretedAntibody "Antibody as cells secrete it, and how fast it ages in the broth"
  parameter Units.Fraction acidic(min=0, max=1) = 0.12 "Acidic share of what is secreted: calibrated";
  parameter Units.Fraction basic(min=0, max=1) = 0.20 "Basic share, with C-terminal lysine, of what is secreted: calibrated";
  parameter Units.SpecificRate k_clipping(min=0) = 2e-6 "Loss of that lysine in the broth: half in 4 days, calibrated";
  parameter Units.MolarEnergy E_clipping(min=0) = 5.0e4 "Activation energy of that loss: customary for enzymes";
  parameter AntibodyStability stability(
    k_aggregation=2e-10,
    k_aggregation_first=8e-9,
    E_aggregation=1.5e5,
    slope_aggregation=-0.3,
    k_acidic=3e-7,
    slope_acidic=0.8,
    pH_nominal=7,
    T_nominal=309.95) "Rates at 36.8 degC and pH 7: acidic variants 2.6 % and aggregates 0.1 % a day, calibrated";
  annotation(Documentation(info="<html>
<p>Guesses of the right size, calibrated to no data: a harvest after 14 days with about a fifth of acidic and a seventh of
basic variants and less than 1 % of aggregates.</p>
</html>"));
end SecretedAntibody;
