within BioProcess.Data;
record FormulationBuffer "20 mM histidine, pH 6.0"
  extends Buffer(sodium=0, chloride=10.455, acetate=0, tris=0, phosphate=0, histidine=20);
  annotation(Documentation(info="<html>
<p>Histidine titrated with hydrochloric acid: its net charge at pH 6.0 plus the hydrogen ions. Customary formulation buffer;
amounts calibrated to the pH.</p>
</html>"));
end FormulationBuffer;
