within BioProcess.Filtration;
model OsmoticCrossFlow "Cross-flow membrane limited by osmotic pressure"
  extends CrossFlow(redeclare BioProcess.Filtration.OsmoticPressure law);
end OsmoticCrossFlow;
