within BioProcess.Species;
package CellsDead "Dead cells, still whole"
  extends PartialSpecies(
    index=2,
    basis="count",
    carbon=8.6e-12,
    nitrogen=1.7e-12,
    charge=0,
    location="broth",
    volume=2.25e-15
  );
  annotation(Documentation(info="<html>
<p>Composition and volume of a viable cell.</p>
</html>"));
end CellsDead;
