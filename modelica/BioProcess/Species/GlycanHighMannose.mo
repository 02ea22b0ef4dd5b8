within BioProcess.Species;
package GlycanHighMannose "High-mannose glycans on the antibody"
  extends PartialSpecies(
    index=17,
    basis="mol",
    molar_mass=1.217085,
    carbon=0,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Part of <code>Mab</code>, which counts its carbon and nitrogen. Molar mass of the residue Man5GlcNAc2, C46H76N2O35,
IUPAC atomic weights 2021.</p>
</html>"));
end GlycanHighMannose;
