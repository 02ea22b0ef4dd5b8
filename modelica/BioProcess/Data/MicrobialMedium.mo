within BioProcess.Data;
record MicrobialMedium "Composition of a mineral medium"
  parameter Units.Molarity glucose(min=0) = 111 "Glucose: 20 g/L";
  parameter Units.Molarity ammonia(min=0) = 80 "Total ammonia";
  parameter Units.Molarity carbonate(min=0) = 0.5 "Total carbonic acid, near that under air";
  parameter Units.Molarity acetate(min=0) = 0 "Total acetic acid";
  parameter Units.Molarity sodium(min=0) = 90 "Sodium and potassium";
  parameter Units.Molarity chloride(min=0) = 85.9 "Chloride, and sulfate as twice as much chloride: balances the charge at pH 7";
  parameter Units.Molarity phosphate(min=0) = 60 "Total phosphoric acid";
  annotation(Documentation(info="<html>
<p>Ammonium, potassium and phosphate as in mineral media for high cell densities: customary; amounts calibrated. Potassium
counts as sodium, and sulfate, two charges each, as chloride, which does not change the charge balance. Magnesium and trace
elements are not carried.</p>
</html>"));
end MicrobialMedium;
