within BioProcess.Data;
record ElutionBuffer "50 mM acetate, pH 3.5"
  extends Buffer(sodium=2.3, chloride=0, acetate=50, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Acetic acid and sodium acetate: 50 mM times the dissociated share 0.0521 at pH 3.5, less 0.32 mM of hydrogen ions. Customary elution buffer of Protein A; amounts calibrated to the pH.</p>
</html>"));
end ElutionBuffer;
