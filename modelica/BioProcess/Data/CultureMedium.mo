within BioProcess.Data;
record CultureMedium "Composition of a culture medium or feed"
  parameter Units.Molarity glucose = 35 "Glucose";
  parameter Units.Molarity glutamine = 6 "Glutamine";
  parameter Units.Molarity asparagine = 5 "Asparagine: calibrated";
  parameter Units.Molarity amino_acids = 30 "Other amino acids: calibrated";
  parameter Units.Molarity carbonate = 49.3 "Total carbonic acid: balances the charge at pH 7";
  parameter Units.Molarity sodium = 155 "Sodium";
  parameter Units.Molarity chloride = 107 "Chloride";
  parameter Units.Molarity phosphate = 3 "Total phosphoric acid";
  annotation(Documentation(info="<html>
<p>Salts after Dulbecco's modified Eagle's medium (44 mM bicarbonate, 155 mM sodium), rounded. Glucose and glutamine of
the start of the flagship process: calibrated.</p>
</html>"));
end CultureMedium;
