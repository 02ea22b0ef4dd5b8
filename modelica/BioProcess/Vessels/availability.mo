within BioProcess.Vessels;
function availability "Share of a demanded flow that contents can meet"
  input Units.Volume V "Contents";
  input Units.Volume V_small "Contents below which the flow dries up";
  output Units.Fraction share "Between 0 and 1";
protected
  Real x "Contents over V_small, between 0 and 1";
algorithm
  x := min(max(V/V_small, 0), 1);
  share := x*x*(3 - 2*x);
end availability;
