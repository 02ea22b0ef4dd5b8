within BioProcess.Species;
package Mab "Monoclonal antibody"
  extends PartialSpecies(
    index=13,
    basis="kg",
    molar_mass=148,
    carbon=44.2,
    nitrogen=11.8,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>IgG1 of 148 kDa; 53 % carbon and 16.5 % nitrogen by mass, the average of proteins: calibrated within their spread.</p>
</html>"));
end Mab;
