within BioProcess.Species;
package Tris "Total tris(hydroxymethyl)aminomethane, C4H11NO3"
  extends PartialSpecies(
    index=26,
    basis="mol",
    molar_mass=0.121136,
    carbon=4,
    nitrogen=1,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Tris;
