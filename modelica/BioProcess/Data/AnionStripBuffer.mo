within BioProcess.Data;
record AnionStripBuffer "25 mM tris, 1 M sodium chloride, pH 7.5"
  extends Buffer(sodium=1000, chloride=1019.7, acetate=0, tris=25, phosphate=0);
  annotation(Documentation(info="<html>
<p>Equilibration buffer with the salt that frees the resin; calibrated.</p>
</html>"));
end AnionStripBuffer;
