within BioProcess.Chromatography;
function faceConcentration "Concentration that the flow carries from one cell to the next"
  input Real c_before "Concentration in the cell before, in any unit";
  input Real c "Concentration in the cell that the flow leaves";
  input Real c_after "Concentration in the cell that the flow enters";
  input Real c_small "Differences below this are not limited";
  output Real c_face "Concentration at the face";
protected
  Real a "Smoothness of the two cells upstream";
  Real b "Smoothness of the two cells at the face";
  Real w "Weight of the upstream cells";
algorithm
  a := (c_small^2 + (c - c_before)^2)^2;
  b := (c_small^2 + (c_after - c)^2)^2;
  w := b/(b + 2*a);
  c_face := c + 0.5*(w*(c - c_before) + (1 - w)*(c_after - c));
  annotation(Documentation(info="<html>
<p>Weighted essentially non-oscillatory reconstruction of third order: smooth, free of events and of third order where
the profile is smooth. Source: Liu, Osher and Chan 1994, doi:10.1006/jcph.1994.1187, with the weights of Jiang and Shu
1996, doi:10.1006/jcph.1996.0130.</p>
</html>"));
end faceConcentration;
