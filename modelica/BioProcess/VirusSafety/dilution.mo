within BioProcess.VirusSafety;
function dilution "Rate at which what comes in lowers the logarithm of the reduction"
  input Units.SpecificRate turnover "Flow over volume";
  input Units.Number L "Logarithm of the reduction, above that of what comes in";
  output Units.SpecificRate rate "Rate";
protected
  constant Units.Number L_steep = 50 "Where the rate stops to steepen, some 22 decades: numerical";
  constant Units.SpecificRate fastest = 1e3 "Largest rate, which tanks at rest do not reach: numerical";
algorithm
  rate := min(turnover*(exp(min(L, L_steep)) - 1), fastest);
  annotation(Documentation(info="<html>
<p>(F/V) (e<sup>L</sup> &minus; 1), at most so fast that a solver can follow: after a long hold hardly any virus is left,
and the first drop of a feed makes all the difference.</p>
</html>"));
end dilution;
