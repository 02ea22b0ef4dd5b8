within BioProcess.Species;
package Dna "DNA of the host cells"
  extends PartialSpecies(
    index=21,
    basis="kg",
    molar_mass=650,
    carbon=31.5,
    nitrogen=12.1,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Mean nucleotide residue C9.75 H12.25 N3.75 O6 P, 309 g/mol. Fragments of 1,000 base pairs: calibrated.</p>
</html>"));
end Dna;
