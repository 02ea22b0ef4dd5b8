within BioProcess.Data;
record AnionEquilibrationBuffer "25 mM tris, 80 mM sodium chloride, pH 7.5"
  extends Buffer(sodium=80, chloride=99.7, acetate=0, tris=25, phosphate=0);
  annotation(Documentation(info="<html>
<p>Tris titrated with hydrochloric acid: 25 mM times the protonated share 0.788 at pH 7.5. Customary for flow-through; amounts calibrated.</p>
</html>"));
end AnionEquilibrationBuffer;
