within BioProcess.Species;
package Debris "Debris of broken cells"
  extends PartialSpecies(
    index=3,
    basis="kg",
    carbon=39.1,
    nitrogen=7.9,
    charge=0,
    location="broth",
    volume=0.0102
  );
  annotation(Documentation(info="<html>
<p>Dry mass of broken cells with the composition and the wet volume of a viable cell, 2.25 pL per 220 pg: calibrated.</p>
</html>"));
end Debris;
