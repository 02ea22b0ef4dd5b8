within BioProcess.Data;
record StripBuffer "100 mM acetic acid, pH 2.9"
  extends Buffer(sodium=0, chloride=0, acetate=100, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Acetic acid alone: customary strip of Protein A.</p>
</html>"));
end StripBuffer;
