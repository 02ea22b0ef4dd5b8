within BioProcess.Species;
package Glutamine "L-glutamine, C5H10N2O3"
  extends PartialSpecies(
    index=6,
    basis="mol",
    molar_mass=0.146145,
    carbon=5,
    nitrogen=2,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Glutamine;
