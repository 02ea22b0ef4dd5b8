within BioProcess.Species;
package Hcp "Host cell protein"
  extends PartialSpecies(
    index=20,
    basis="kg",
    molar_mass=40,
    carbon=44.2,
    nitrogen=11.8,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Mean molar mass 40 kDa and average protein composition: calibrated.</p>
</html>"));
end Hcp;
