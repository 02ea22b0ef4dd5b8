within BioProcess.Species;
package Ammonia "Total ammonia, NH3"
  extends PartialSpecies(
    index=10,
    basis="mol",
    molar_mass=0.017031,
    carbon=0,
    nitrogen=1,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Ammonia;
