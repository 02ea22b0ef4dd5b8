within BioProcess.Chromatography;
function dissociationConstant "Concentration at which half of the capacity is taken, over pH"
  input Units.PH pH "pH";
  input Units.MassConcentration K_neutral "Well above pH_bind";
  input Units.PH pH_bind "Where binding begins to weaken";
  input Units.Number slope "Decades per unit of pH below pH_bind";
  output Units.MassConcentration K "At this pH";
algorithm
  K := K_neutral*(1 + 10^(slope*(pH_bind - pH)));
  annotation(Documentation(info="<html>
<p>K = K<sub>neutral</sub> (1 + 10<sup>s (pH<sub>bind</sub> &minus; pH)</sup>): protonation of histidine between ligand
and antibody loosens the bond as a power of the hydrogen ions. A form for calibration, after the pH dependence reported by
Ghose et al. 2007, Biotechnology and Bioengineering 96:768.</p>
</html>"));
end dissociationConstant;
