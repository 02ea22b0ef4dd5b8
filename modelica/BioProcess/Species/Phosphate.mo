within BioProcess.Species;
package Phosphate "Total phosphoric acid, H3PO4"
  extends PartialSpecies(
    index=27,
    basis="mol",
    molar_mass=0.097994,
    carbon=0,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Phosphate;
