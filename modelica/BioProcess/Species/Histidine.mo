within BioProcess.Species;
package Histidine "Total L-histidine, C6H9N3O2"
  extends PartialSpecies(
    index=29,
    basis="mol",
    molar_mass=0.155157,
    carbon=6,
    nitrogen=3,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Histidine;
