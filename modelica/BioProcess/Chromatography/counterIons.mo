within BioProcess.Chromatography;
function counterIons "Equivalents of cations, which are those of anions, in a solution that has the given pH"
  input Units.PH pH "pH";
  input Species.Concentrations c "Concentrations";
  output Units.Molarity salt "Equivalents of ions that compete for an ion exchanger";
protected
  Real h "Hydrogen ions [mol/m3]";
algorithm
  h := 10^(3 - pH);
  salt := c[Species.Sodium.index] + c[Species.Ammonia.index]*(1 - Media.dissociation(h, Media.pKa_ammonia))
    + c[Species.Tris.index]*(1 - Media.dissociation(h, Media.pKa_tris))
    + c[Species.Histidine.index]*h/(h + 10^(3 - Media.pKa_histidine[2]));
  annotation(Documentation(info="<html>
<p>Sodium, ammonium, protonated tris and histidine. Where the charge is balanced there are as many equivalents of anions, but
for hydrogen and hydroxide ions, so that the same number serves cation and anion exchangers.</p>
</html>"));
end counterIons;
