within BioProcess.Data;
record EquilibrationBuffer "25 mM tris, 100 mM sodium chloride, pH 7.4"
  extends Buffer(sodium=100, chloride=120.6, acetate=0, tris=25, phosphate=0);
  annotation(Documentation(info="<html>
<p>Tris titrated with hydrochloric acid: 25 mM times the protonated share 0.8239 at pH 7.4. Customary Protein A equilibration buffer; amounts calibrated to the pH.</p>
</html>"));
end EquilibrationBuffer;
