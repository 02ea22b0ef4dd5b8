within BioProcess.Species;
package Carbonate "Total dissolved carbonic acid, H2CO3"
  extends PartialSpecies(
    index=11,
    basis="mol",
    molar_mass=0.062024,
    carbon=1,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass from IUPAC atomic weights 2021.</p>
</html>"));
end Carbonate;
