within BioProcess.Filtration;
partial model PartialFlux "What a clean membrane lets through"
  parameter Units.Permeability permeability(min=0) = 8.333333333333333e-10
    "Of the clean membrane for water: 300 L/(m2.h.bar), calibrated";
  input Units.MassConcentration c "Protein in the bulk";
  input Units.Pressure pressure "Pressure across the membrane";
  output Units.Velocity flux "Volume per area and time";
end PartialFlux;
