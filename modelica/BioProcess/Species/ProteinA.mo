within BioProcess.Species;
package ProteinA "Protein A leached from the resin"
  extends PartialSpecies(
    index=22,
    basis="kg",
    molar_mass=42,
    carbon=44.2,
    nitrogen=11.8,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass 42 kDa: Bjork, Petersson and Sjoquist 1972, Eur. J. Biochem. 29:579. Average protein composition, 53 % carbon and 16.5 % nitrogen by mass: calibrated within the spread of proteins.</p>
</html>"));
end ProteinA;
