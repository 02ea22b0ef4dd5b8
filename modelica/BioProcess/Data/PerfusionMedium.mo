within BioProcess.Data;
record PerfusionMedium "Medium of a perfused culture"
  extends CultureMedium(glucose=50, glutamine=15, asparagine=10, amino_acids=60);
  annotation(Documentation(info="<html>
<p>Richer than the batch medium, so that 50 pL per cell and day are enough: calibrated. Salts of the medium.</p>
</html>"));
end PerfusionMedium;
