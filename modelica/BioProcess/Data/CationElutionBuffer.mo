within BioProcess.Data;
record CationElutionBuffer "50 mM acetate, 500 mM sodium chloride, pH 5.2"
  extends Buffer(sodium=536.7, chloride=500, acetate=50, tris=0, phosphate=0);
  annotation(Documentation(info="<html>
<p>Equilibration buffer with the salt that elutes; calibrated.</p>
</html>"));
end CationElutionBuffer;
