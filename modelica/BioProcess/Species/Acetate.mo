within BioProcess.Species;
package Acetate "Total acetic acid, C2H4O2"
  extends PartialSpecies(
    index=25,
    basis="mol",
    molar_mass=0.060052,
    carbon=2,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Acetate;
