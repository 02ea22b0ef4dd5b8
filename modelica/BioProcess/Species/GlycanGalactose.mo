within BioProcess.Species;
package GlycanGalactose "Terminal galactose on the antibody"
  extends PartialSpecies(
    index=16,
    basis="mol",
    molar_mass=0.162141,
    carbon=0,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Part of <code>Mab</code>, which counts its carbon. Molar mass of the residue C6H10O5, IUPAC atomic weights 2021.</p>
</html>"));
end GlycanGalactose;
