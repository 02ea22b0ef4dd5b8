within BioProcess.Types;
type SplitRule = enumeration(
    density "By viable cells: to a density at the start, and as many cells as the next vessel needs",
    ratio "By volume: diluted so many times, and a share of the broth sent on")
  "How a passage is split";
