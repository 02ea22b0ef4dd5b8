within BioProcess.Media;
function conductivity "Electric conductivity of a solution that has the given pH"
  input Units.PH pH "pH";
  input Species.Concentrations c "Concentrations";
  output Units.Conductivity kappa "Conductivity";
protected
  Real h "Hydrogen ions [mol/m3]";
algorithm
  h := 10^(3 - pH);
  kappa := 34.96e-3*h + 19.8e-3*ionicProduct/h + 5.01e-3*c[Species.Sodium.index] + 7.63e-3*c[Species.Chloride.index]
    + 4.09e-3*c[Species.Acetate.index]*dissociation(h, pKa_acetate)
    + 3.88e-3*c[Species.Lactate.index]*dissociation(h, pKa_lactate)
    + 4.45e-3*c[Species.Carbonate.index]*dissociationOfCarbonate(h)
    + 3.60e-3*c[Species.Phosphate.index]*dissociationOfTriprotic(h, pKa_phosphate[1], pKa_phosphate[2], pKa_phosphate[3])
    + 7.00e-3*c[Species.Citrate.index]*dissociationOfTriprotic(h, pKa_citrate[1], pKa_citrate[2], pKa_citrate[3])
    + 3.0e-3*c[Species.Histidine.index]*(2 - dissociationOfTriprotic(h, pKa_histidine[1], pKa_histidine[2], pKa_histidine[3]))
    + 7.35e-3*c[Species.Ammonia.index]*(1 - dissociation(h, pKa_ammonia))
    + 2.95e-3*c[Species.Tris.index]*(1 - dissociation(h, pKa_tris));
  annotation(Documentation(info="<html>
<p>Sum of the limiting ionic conductivities [S.m2/mol] at 25 degC, CRC Handbook of Chemistry and Physics; each
concentration counts in full, so real solutions above 0.1 mol/L conduct 10 to 25 % less. Tris, histidine and
the mean of the ions of citrate: calibrated.</p>
</html>"));
end conductivity;
