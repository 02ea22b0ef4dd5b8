within BioProcess.Data;
record WashBuffer "25 mM tris, 500 mM sodium chloride, pH 7.4"
  extends Buffer(sodium=500, chloride=520.6, acetate=0, tris=25, phosphate=0);
  annotation(Documentation(info="<html>
<p>Equilibration buffer with salt that removes weakly bound host cell protein: customary, calibrated.</p>
</html>"));
end WashBuffer;
