within BioProcess.Data;
record NeutralisationBase "1 M tris base"
  extends Buffer(sodium=0, chloride=0, acetate=0, tris=1000, phosphate=0);
  annotation(Documentation(info="<html>
<p>Customary titrant of low-pH inactivation.</p>
</html>"));
end NeutralisationBase;
