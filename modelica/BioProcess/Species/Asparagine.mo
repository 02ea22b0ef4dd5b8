within BioProcess.Species;
package Asparagine "L-asparagine, C4H8N2O3"
  extends PartialSpecies(
    index=7,
    basis="mol",
    molar_mass=0.132119,
    carbon=4,
    nitrogen=2,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Asparagine;
