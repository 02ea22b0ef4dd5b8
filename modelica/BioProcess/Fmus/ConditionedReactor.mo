within BioProcess.Fmus;
block ConditionedReactor "Fed-batch bioreactor whose temperature, pH and oxygen are given, for forecasts"
  extends Reactors.Conditioned(
    kinetics(mu_max=mu_max),
    c_start=Species.vector(cells_viable=cells_start, cells_dead=cells_start*(1 - viability_start)/viability_start,
      glucose=medium.glucose, glutamine=medium.glutamine, asparagine=medium.asparagine,
        amino_acids=medium.amino_acids, carbonate=medium.carbonate, sodium=medium.sodium,
      chloride=medium.chloride, phosphate=medium.phosphate));
  parameter Units.SpecificRate mu_max(min=0) = 1.0277777777777778e-5
    "Largest growth rate: 0.037 1/h, Kornecki and Strube 2018, doi:10.3390/bioengineering5010025";
  parameter Units.CellConcentration cells_start(min=0) = 5e11 "Viable cells at inoculation: flagship process";
  parameter Units.Fraction viability_start(min=0.01, max=1) = 0.98 "Viability at inoculation: calibrated";
  parameter Data.LowBicarbonateMedium medium "Medium at inoculation";
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
    experiment(StopTime=1209600, Interval=3600),
    Documentation(info="<html>
<p>The ports, names and states of FedBatchReactor and ProductionReactor, without what holds the conditions.</p>
<h4>References</h4>
<p>Kornecki and Strube 2018, doi:10.3390/bioengineering5010025.</p>
</html>"));
end ConditionedReactor;
