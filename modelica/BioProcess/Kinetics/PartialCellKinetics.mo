within BioProcess.Kinetics;
partial model PartialCellKinetics "What cells make and consume"
  input Species.Concentrations c "Concentrations in the broth";
  input Units.Time age "Time since inoculation";
  output Species.Rates made "Made per volume";
  output Species.Rates consumed "Consumed per volume";
  annotation(Documentation(info="<html>
<p>Both rates are positive or zero. A species may appear in both, as viable cells do, which grow and die.</p>
</html>"));
end PartialCellKinetics;
