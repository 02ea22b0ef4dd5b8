within BioProcess.Species;
package Sodium "Sodium ion"
  extends PartialSpecies(
    index=23,
    basis="mol",
    molar_mass=0.02299,
    carbon=0,
    nitrogen=0,
    charge=1,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Sodium;
