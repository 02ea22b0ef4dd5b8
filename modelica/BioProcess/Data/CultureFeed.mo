within BioProcess.Data;
record CultureFeed "Composition of the concentrated feed"
  extends CultureMedium(glucose=176, glutamine=83.6, asparagine=30, amino_acids=150);
  annotation(Documentation(info="<html>
<p>Glucose and amino acids: calibrated to the flagship process. Salts of the medium.</p>
</html>"));
end CultureFeed;
