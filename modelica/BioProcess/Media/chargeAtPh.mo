within BioProcess.Media;
function chargeAtPh "Net charge of a solution that has the given pH"
  input Units.PH pH "pH";
  input Species.Concentrations c "Concentrations";
  output Units.Molarity z "Net charge, zero at the pH that the solution takes";
protected
  Real h "Hydrogen ions [mol/m3]";
algorithm
  h := 10^(3 - pH);
  z := c[Species.Sodium.index] - c[Species.Chloride.index] + h - ionicProduct/h
    + c[Species.Ammonia.index]*(1 - dissociation(h, pKa_ammonia))
    + c[Species.Tris.index]*(1 - dissociation(h, pKa_tris))
    - c[Species.Acetate.index]*dissociation(h, pKa_acetate)
    - c[Species.Lactate.index]*dissociation(h, pKa_lactate)
    - c[Species.Carbonate.index]*dissociationOfCarbonate(h)
    - c[Species.Phosphate.index]*dissociationOfTriprotic(h, pKa_phosphate[1], pKa_phosphate[2], pKa_phosphate[3])
    - c[Species.Citrate.index]*dissociationOfTriprotic(h, pKa_citrate[1], pKa_citrate[2], pKa_citrate[3])
    + c[Species.Histidine.index]*(2 - dissociationOfTriprotic(h, pKa_histidine[1], pKa_histidine[2], pKa_histidine[3]));
  annotation(Documentation(info="<html>
<p>z = [Na] &minus; [Cl] + h &minus; K<sub>w</sub>/h + &Sigma; bases (1 &minus; &alpha;) &minus; &Sigma; acids &alpha;,
with the mean number &alpha; of protons that an acid has lost. Proteins and cells are not counted.</p>
</html>"));
end chargeAtPh;
