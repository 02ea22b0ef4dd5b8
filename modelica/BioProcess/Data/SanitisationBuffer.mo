within BioProcess.Data;
record SanitisationBuffer "100 mM sodium hydroxide, pH 13"
  extends Buffer(sodium=100, chloride=0, acetate=0, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Customary for alkali-stable Protein A resins.</p>
</html>"));
end SanitisationBuffer;
