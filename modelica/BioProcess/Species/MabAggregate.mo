within BioProcess.Species;
package MabAggregate "Aggregates of the antibody"
  extends PartialSpecies(
    index=18,
    basis="kg",
    molar_mass=296,
    carbon=44.2,
    nitrogen=11.8,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Not contained in <code>Mab</code>. Mostly dimers: calibrated. Composition of the antibody.</p>
</html>"));
end MabAggregate;
