within BioProcess.Species;
package MabBasic "Basic charge variants, contained in the antibody"
  extends PartialSpecies(
    index=15,
    basis="kg",
    molar_mass=148,
    carbon=0,
    nitrogen=0,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Part of <code>Mab</code>, which counts its carbon and nitrogen.</p>
</html>"));
end MabBasic;
