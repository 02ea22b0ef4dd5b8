within BioProcess.Data;
record InactivationAcid "500 mM hydrochloric acid"
  extends Buffer(sodium=0, chloride=500, acetate=0, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Customary titrant of low-pH inactivation.</p>
</html>"));
end InactivationAcid;
