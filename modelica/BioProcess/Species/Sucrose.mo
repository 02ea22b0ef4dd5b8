within BioProcess.Species;
package Sucrose "Sucrose, C12H22O11"
  extends PartialSpecies(
    index=12,
    basis="mol",
    molar_mass=0.342297,
    carbon=12,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Sucrose;
