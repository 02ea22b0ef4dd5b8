within BioProcess.Species;
package Citrate "Total citric acid, C6H8O7"
  extends PartialSpecies(
    index=28,
    basis="mol",
    molar_mass=0.192123,
    carbon=6,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Citrate;
