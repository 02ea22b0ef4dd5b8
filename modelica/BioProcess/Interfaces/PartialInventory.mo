within BioProcess.Interfaces;
partial model PartialInventory "A unit that says what it holds"
  output Units.Volume held_volume "Volume held";
  output Units.CellCount held_cells_viable "Viable cells: held";
  output Units.CellCount held_cells_dead "Dead cells, still whole: held";
  output Units.AmountOfSubstance held_glucose "D-glucose, C6H12O6: held";
  output Units.AmountOfSubstance held_glutamine "L-glutamine, C5H10N2O3: held";
  output Units.AmountOfSubstance held_lactate "Total lactic acid, C3H6O3: held";
  output Units.AmountOfSubstance held_ammonia "Total ammonia, NH3: held";
  output Units.AmountOfSubstance held_carbonate "Total dissolved carbonic acid, H2CO3: held";
  output Units.Mass held_mab "Monoclonal antibody: held";
  output Units.Mass held_hcp "Host cell protein: held";
  output Units.AmountOfSubstance held_sodium "Sodium ion: held";
  output Units.AmountOfSubstance held_chloride "Chloride ion: held";
  output Units.AmountOfSubstance held_acetate "Total acetic acid, C2H4O2: held";
  output Units.AmountOfSubstance held_tris "Total tris(hydroxymethyl)aminomethane, C4H11NO3: held";
  output Units.AmountOfSubstance held_phosphate "Total phosphoric acid, H3PO4: held";
protected
  Species.Amounts held "Amounts held";
equation
  held_cells_viable = held[Species.CellsViable.index];
  held_cells_dead = held[Species.CellsDead.index];
  held_glucose = held[Species.Glucose.index];
  held_glutamine = held[Species.Glutamine.index];
  held_lactate = held[Species.Lactate.index];
  held_ammonia = held[Species.Ammonia.index];
  held_carbonate = held[Species.Carbonate.index];
  held_mab = held[Species.Mab.index];
  held_hcp = held[Species.Hcp.index];
  held_sodium = held[Species.Sodium.index];
  held_chloride = held[Species.Chloride.index];
  held_acetate = held[Species.Acetate.index];
  held_tris = held[Species.Tris.index];
  held_phosphate = held[Species.Phosphate.index];
  annotation(Documentation(info="<html>
<p>What a unit holds, with what went in and out, lets the ledger of a flowsheet close. A component without these outputs
is outside the flowsheet's boundary.</p>
</html>"));
end PartialInventory;
