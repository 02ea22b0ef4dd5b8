within BioProcess.Data;
record ExcipientStock "2 M sucrose in 20 mM histidine, pH 6.0"
  extends FormulationBuffer;
  parameter Units.Molarity sucrose(min=0) = 2000 "Sucrose: customary, near what dissolves well";
  annotation(Documentation(info="<html>
<p>Sucrose in the formulation buffer.</p>
</html>"));
end ExcipientStock;
