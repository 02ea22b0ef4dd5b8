within BioProcess.Feeds;
block ExponentialFeeder "Feed whose flow grows at a set rate, and with it a culture that the feed limits"
  extends Icons.UnitOperation;
  parameter Units.VolumeFlowRate flow_start(min=0) = 2e-7 "Flow when feeding begins: 0.7 L/h, calibrated";
  parameter Units.VolumeFlowRate flow_max(min=0) = 3e-6 "Largest flow: 11 L/h, calibrated";
  parameter Units.Temperature T = 298.15 "Temperature of the feed: customary";
  parameter Data.MicrobialMedium medium(
    glucose=3330, ammonia=0, carbonate=0, sodium=0, chloride=0, phosphate=0) "Composition of the feed: 600 g/L of glucose";
  input Boolean feeding(start=false) "= true, while the feed flows";
  input Units.SpecificRate growth_set(start=5.6e-5, min=0, max=3e-4)
    "Rate at which the flow grows: 0.2 1/h, customary; 0 for a constant flow";
  Interfaces.LiquidOutlet outlet "Feed";
  output Units.VolumeFlowRate feed_flow "Flow";
protected
  Units.VolumeFlowRate F(start=flow_start, fixed=true, nominal=1e-6) "Flow, while feeding";
  Interfaces.OutletVector outflow "Feed";
equation
  connect(outflow.port, outlet);
  assert(growth_set >= 0, "growth_set of the feeder is negative. Give it a rate that is positive or zero.");
  assert(flow_start <= flow_max, "flow_start of the feeder exceeds flow_max. Make flow_start smaller or flow_max larger.");
  der(F) = if feeding and F < flow_max then growth_set*F else 0;
  feed_flow = if feeding then noEvent(min(F, flow_max)) else 0;
  outflow.V_flow = feed_flow;
  outflow.T = T;
  outflow.c = Species.vector(glucose=medium.glucose, ammonia=medium.ammonia, carbonate=medium.carbonate,
    acetate=medium.acetate, sodium=medium.sodium, chloride=medium.chloride, phosphate=medium.phosphate);
  annotation(Documentation(info="<html>
<p>While feeding, F = F<sub>0</sub> e<sup>&mu; t</sup>, at most flow_max; the time without feeding does not count. A culture
that the feed limits grows at the rate &mu; when F<sub>0</sub> = &mu; X V/(Y c<sub>feed</sub>). A source is outside the boundary
of the flowsheet: what it sends is what comes in.</p>
</html>"));
end ExponentialFeeder;
