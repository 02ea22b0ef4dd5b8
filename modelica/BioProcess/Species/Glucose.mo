within BioProcess.Species;
package Glucose "D-glucose, C6H12O6"
  extends PartialSpecies(
    index=5,
    basis="mol",
    molar_mass=0.180156,
    carbon=6,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Glucose;
