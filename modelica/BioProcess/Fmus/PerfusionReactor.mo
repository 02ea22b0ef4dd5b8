within BioProcess.Fmus;
block PerfusionReactor "Perfused culture at constant cell density"
  extends Reactors.Perfusion(
    k_pH=6e-3,
    kinetics(mu_max=mu_max, age_half=age_half),
    c_start=Species.vector(cells_viable=cells_start, cells_dead=cells_start*(1 - viability_start)/viability_start,
      glucose=medium.glucose, glutamine=medium.glutamine, asparagine=medium.asparagine,
        amino_acids=medium.amino_acids, carbonate=medium.carbonate, sodium=medium.sodium,
      chloride=medium.chloride, phosphate=medium.phosphate));
  parameter Units.SpecificRate mu_max(min=0) = 1.0277777777777778e-5
    "Largest growth rate: 0.037 1/h, Kornecki and Strube 2018, doi:10.3390/bioengineering5010025";
  parameter Units.Time age_half(min=1) = 1e12 "Age at which growth is halved: a culture that bleeds does not age, calibrated";
  parameter Units.CellConcentration cells_start(min=0) = 5e12 "Viable cells at inoculation: calibrated";
  parameter Units.Fraction viability_start(min=0.01, max=1) = 0.98 "Viability at inoculation: calibrated";
  parameter Data.PerfusionMedium medium "Medium at inoculation";
  output Units.CellConcentration viable_cells "Viable cells";
  output Units.Fraction viability "Viable share of the cells";
  output Units.Molarity glucose "Glucose";
  output Units.Molarity glutamine "Glutamine";
  output Units.Molarity lactate "Lactate";
  output Units.Molarity ammonia "Ammonia";
  output Units.MassConcentration titre "Antibody";
  output Units.MassConcentration hcp "Host cell protein";
  output Units.SpecificRate growth_rate "Growth rate";
equation
  viable_cells = c[Species.CellsViable.index];
  viability = c[Species.CellsViable.index]/noEvent(max(c[Species.CellsViable.index] + c[Species.CellsDead.index], 1));
  glucose = c[Species.Glucose.index];
  glutamine = c[Species.Glutamine.index];
  lactate = c[Species.Lactate.index];
  ammonia = c[Species.Ammonia.index];
  titre = c[Species.Mab.index];
  hcp = c[Species.Hcp.index];
  growth_rate = kinetics.mu;
  annotation(
    experiment(StopTime=2592000, Interval=3600),
    Documentation(info="<html>
<p>Wire medium_flow to the demand of the tank that feeds it.</p>
<h4>References</h4>
<p>Kornecki and Strube 2018, doi:10.3390/bioengineering5010025.</p>
</html>"));
end PerfusionReactor;
