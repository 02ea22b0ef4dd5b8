within BioProcess.Chromatography;
function limitedFace "Concentration that the flow carries from one cell to the next, without overshoot"
  input Real c_before "Concentration in the cell before, in any unit";
  input Real c "Concentration in the cell that the flow leaves";
  input Real c_after "Concentration in the cell that the flow enters";
  input Real c_small "Differences below this are as good as none";
  output Real c_face "Concentration at the face";
protected
  Real a "Difference upstream";
  Real b "Difference at the face";
algorithm
  a := c - c_before;
  b := c_after - c;
  c_face := if a*b > 0 then c + 0.5*a*b*(2*b + a)/(2*b^2 - a*b + 2*a^2 + 1e-12*c_small^2) else c;
  annotation(Documentation(info="<html>
<p>Reconstruction with a smooth limiter of third order, &phi;(r) = (2r<sup>2</sup> + r)/(2r<sup>2</sup> &minus; r + 2) of
the ratio r of the differences at the face and upstream, and 0 at an extremum: no new extrema and nothing negative, as
0 &le; &phi; &le; min(2, 2r). Source: Spekreijse 1987, Mathematics of Computation 49:135, with the smooth function of
Hemker and Koren.</p>
</html>"));
end limitedFace;
