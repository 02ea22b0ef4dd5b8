within BioProcess.Data;
record Buffer "Composition of a buffer: total components"
  parameter Units.Molarity sodium "Sodium";
  parameter Units.Molarity chloride "Chloride";
  parameter Units.Molarity acetate "Total acetic acid";
  parameter Units.Molarity tris "Total tris";
  parameter Units.Molarity phosphate "Total phosphoric acid";
  parameter Units.Molarity citrate = 0 "Total citric acid";
  parameter Units.Molarity histidine = 0 "Total histidine";
end Buffer;
