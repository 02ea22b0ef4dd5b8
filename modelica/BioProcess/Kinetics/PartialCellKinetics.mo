within BioProcess.Kinetics;
partial model PartialCellKinetics "What cells make and consume"
  input BioProcess.Species.Concentrations c "Concentrations in the broth";
  input Units.Time age "Time since inoculation";
  output BioProcess.Species.Rates made "Made per volume";
  output BioProcess.Species.Rates consumed "Consumed per volume";
  annotation(Documentation(info="<html>
<p>Both rates are positive or zero. A species may appear in both, as viable cells do, which grow and die.</p>
</html>"));
end PartialCellKinetics;
