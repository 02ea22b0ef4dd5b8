within BioProcess.Filtration;
block OsmoticCrossFlow "Cross-flow membrane limited by osmotic pressure"
  extends CrossFlow(redeclare BioProcess.Filtration.OsmoticPressure law);
end OsmoticCrossFlow;
