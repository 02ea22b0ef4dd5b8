within BioProcess.Data;
record CationEquilibrationBuffer "50 mM acetate, pH 5.2"
  extends Buffer(sodium=36.7, chloride=0, acetate=50, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Acetic acid and sodium acetate: 50 mM times the dissociated share 0.734 at pH 5.2. Customary for cation exchange of antibodies; amounts calibrated to the pH.</p>
</html>"));
end CationEquilibrationBuffer;
