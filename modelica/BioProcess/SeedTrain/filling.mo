within BioProcess.SeedTrain;
function filling "Share of the flow of a pump that has a volume still to bring"
  input Units.Volume V_left "Volume still to bring";
  input Units.Volume V_small "Volume over which the pump slows down";
  output Units.Fraction share "Between 0 and 1";
algorithm
  share := min(max(V_left/V_small, 0), 1);
  annotation(Documentation(info="<html>
<p>The pump slows down in proportion over the last V_small, so that the end is met without an event.</p>
</html>"));
end filling;
