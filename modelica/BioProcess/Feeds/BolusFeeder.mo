within BioProcess.Feeds;
block BolusFeeder "Feeds at intervals, the more the lower the measured concentration"
  extends Icons.UnitOperation;
  input Units.Molarity measured(min=0, max=5000) "Measured glucose";
  parameter Units.Molarity target(min=0) = 32.6 "Glucose at which no more than the smallest dose is given: calibrated";
  parameter Real gain(unit="m6/mol", displayUnit="L.L/mmol") = 3.54e-3
    "Dose per missing glucose: 3.54 L/mM, calibrated";
  parameter Units.Volume dose_min = 0.005 "Smallest dose: calibrated";
  parameter Units.Volume dose_max = 0.0521 "Largest dose: calibrated";
  parameter Units.Time first(min=0) = 172800 "First feed, after the start: flagship process";
  parameter Units.Time interval(min=1) = 86400 "Time between feeds: flagship process";
  parameter Units.VolumeFlowRate pump_flow(min=0) = 1.4472e-5 "Flow while feeding: the largest dose in one hour, calibrated";
  parameter Units.Temperature T = 298.15 "Temperature of the feed: customary";
  parameter Data.CultureFeed medium "Composition of the feed";
  Interfaces.LiquidOutlet outlet "Feed";
  output Units.Volume dose "Dose last decided";
protected
  discrete Units.Volume dose_now(start=0, fixed=true) "Dose last decided";
  discrete Units.Time t_feed(start=1e300, fixed=true) "Next feed";
  discrete Units.Time t_end(start=-1e300, fixed=true) "End of the running feed";
  Interfaces.OutletVector outflow "Feed";
equation
  connect(outflow.port, outlet);
  when initial() then
    t_feed = time + first;
    dose_now = 0;
    t_end = -1e300;
  elsewhen time >= pre(t_feed) then
    t_feed = pre(t_feed) + interval;
    dose_now = min(max(gain*(target - measured), dose_min), dose_max);
    t_end = time + min(max(gain*(target - measured), dose_min), dose_max)/pump_flow;
  end when;
  outflow.V_flow = if time < t_end then pump_flow else 0;
  outflow.T = T;
  outflow.c = Species.vector(glucose=medium.glucose, glutamine=medium.glutamine, asparagine=medium.asparagine,
    amino_acids=medium.amino_acids, carbonate=medium.carbonate,
    sodium=medium.sodium, chloride=medium.chloride, phosphate=medium.phosphate);
  dose = dose_now;
  annotation(Documentation(info="<html>
<p>At each feed the dose is gain &middot; (target &minus; measured), within its limits, and is pumped at a constant flow.
A source is outside the boundary of the flowsheet: what it sends is what comes in.</p>
</html>"));
end BolusFeeder;
