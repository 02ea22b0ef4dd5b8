within BioProcess.Species;
package CellsViable "Viable cells"
  extends PartialSpecies(
    index=1,
    basis="count",
    carbon=8.6e-12,
    nitrogen=1.7e-12,
    charge=0,
    location="broth",
    volume=2.25e-15
  );
  annotation(Documentation(info="<html>
<p>Dry mass 220 pg with 47 % carbon and 11 % nitrogen by mass: calibrated within the spread
that Szeliova et al. 2020 report, Metabolic Engineering 61:288. Volume 2.25 pL, so that 20e6 cells/mL fill 4.5 % of the broth: calibrated.</p>
</html>"));
end CellsViable;
