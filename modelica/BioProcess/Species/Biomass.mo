within BioProcess.Species;
package Biomass "Microbial cells, dry mass"
  extends PartialSpecies(
    index=4,
    basis="kg",
    carbon=40.6,
    nitrogen=8.1,
    charge=0,
    location="broth",
    volume=0.003
  );
  annotation(Documentation(info="<html>
<p>CH1.8 O0.5 N0.2, 24.6 g/mol, Roels 1983, Energetics and Kinetics in Biotechnology. Wet volume 3 mL per gram of dry mass: calibrated.</p>
</html>"));
end Biomass;
