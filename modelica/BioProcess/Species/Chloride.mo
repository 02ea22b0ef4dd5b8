within BioProcess.Species;
package Chloride "Chloride ion"
  extends PartialSpecies(
    index=24,
    basis="mol",
    molar_mass=0.03545,
    carbon=0,
    nitrogen=0,
    charge=-1,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Chloride;
