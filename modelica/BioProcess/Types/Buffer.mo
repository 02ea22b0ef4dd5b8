within BioProcess.Types;
type Buffer = enumeration(
  off "No flow",
  equilibration "Equilibration",
  wash "Wash",
  elution "Elution",
  strip "Strip",
  sanitisation "Sanitisation") "Buffers of a capture step";
