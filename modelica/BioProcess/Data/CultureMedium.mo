within BioProcess.Data;
record CultureMedium "Composition of a culture medium or feed"
  parameter Units.Molarity glucose(min=0) = 35 "Glucose";
  parameter Units.Molarity glutamine(min=0) = 6 "Glutamine";
  parameter Units.Molarity asparagine(min=0) = 5 "Asparagine: calibrated";
  parameter Units.Molarity amino_acids(min=0) = 30 "Other amino acids: calibrated";
  parameter Units.Molarity carbonate(min=0) = 49.3 "Total carbonic acid: balances the charge at pH 7";
  parameter Units.Molarity sodium(min=0) = 155 "Sodium";
  parameter Units.Molarity chloride(min=0) = 107 "Chloride";
  parameter Units.Molarity phosphate(min=0) = 3 "Total phosphoric acid";
  annotation(Documentation(info="<html>
<p>Salts after Dulbecco's modified Eagle's medium (44 mM bicarbonate, 155 mM sodium), rounded. Glucose and glutamine of
the start of the flagship process: calibrated.</p>
</html>"));
end CultureMedium;
