within BioProcess.Species;
package Lactate "Total lactic acid, C3H6O3"
  extends PartialSpecies(
    index=9,
    basis="mol",
    molar_mass=0.090078,
    carbon=3,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Lactate;
