within BioProcess.Species;
package Antigen "Recombinant antigen"
  extends PartialSpecies(
    index=19,
    basis="kg",
    molar_mass=50,
    carbon=44.2,
    nitrogen=11.8,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Molar mass 50 kDa: calibrated. Average protein composition, 53 % carbon and 16.5 % nitrogen by mass: calibrated within the spread of proteins.</p>
</html>"));
end Antigen;
