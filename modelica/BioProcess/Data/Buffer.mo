within BioProcess.Data;
record Buffer "Composition of a buffer: total components"
  parameter Units.Molarity sodium(min=0) "Sodium";
  parameter Units.Molarity chloride(min=0) "Chloride";
  parameter Units.Molarity acetate(min=0) "Total acetic acid";
  parameter Units.Molarity tris(min=0) "Total tris";
  parameter Units.Molarity phosphate(min=0) "Total phosphoric acid";
  parameter Units.Molarity citrate(min=0) = 0 "Total citric acid";
  parameter Units.Molarity histidine(min=0) = 0 "Total histidine";
end Buffer;
