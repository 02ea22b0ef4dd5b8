within BioProcess.Feeds;
block BufferGradient "Two buffers, mixed at a set share or along a gradient"
  extends Icons.UnitOperation;
  input Units.VolumeFlowRate flow_set(start=0, min=0, max=1e-2) "Flow";
  input Units.Fraction share(start=0, min=0, max=1) "Share of buffer B, at the start of a gradient";
  input Units.Fraction share_end(start=1, min=0, max=1) "Share of buffer B at the end of a gradient";
  input Units.Volume gradient_volume(start=0.5, min=1e-6, max=100) "Volume over which the share changes";
  input Boolean gradient(start=false) "= true, while a gradient runs; it begins when this becomes true";
  input Boolean sanitise(start=false) "= true, to send the sanitisation buffer instead";
  parameter Units.Temperature T = 298.15 "Temperature of the buffers: customary";
  replaceable Data.CationEquilibrationBuffer a constrainedby Data.Buffer "Buffer A";
  replaceable Data.CationElutionBuffer b constrainedby Data.Buffer "Buffer B";
  parameter Data.SanitisationBuffer sanitisation "Sanitisation buffer";
  Interfaces.LiquidOutlet outlet "Mixed buffer";
  output Units.Fraction share_now "Share of buffer B";
protected
  Units.Volume V_sent(start=0, fixed=true, nominal=1) "Volume sent since the start";
  discrete Units.Volume V_begin(start=0, fixed=true) "Volume sent before the gradient";
  Interfaces.OutletVector outflow "Mixed buffer";
equation
  connect(outflow.port, outlet);
  assert(flow_set >= 0, "flow_set is negative. Set a flow that is positive or zero.");
  assert(share > -1e-9 and share < 1 + 1e-9 and share_end > -1e-9 and share_end < 1 + 1e-9,
    "share or share_end is outside 0 to 1. Set both to a share of buffer B.");
  assert(gradient_volume > 0, "gradient_volume is not positive. Set the volume over which the share changes.");
  der(V_sent) = flow_set;
  when gradient then
    V_begin = V_sent;
  end when;
  share_now = if not gradient then share
    elseif V_sent - V_begin < gradient_volume then share + (share_end - share)*(V_sent - V_begin)/gradient_volume
    else share_end;
  outflow.V_flow = flow_set;
  outflow.T = T;
  outflow.c = if sanitise then Species.vector(
      sodium=sanitisation.sodium, chloride=sanitisation.chloride, acetate=sanitisation.acetate, tris=sanitisation.tris,
      phosphate=sanitisation.phosphate, citrate=sanitisation.citrate, histidine=sanitisation.histidine)
    else Species.vector(
      sodium=(1 - share_now)*a.sodium + share_now*b.sodium, chloride=(1 - share_now)*a.chloride + share_now*b.chloride,
      acetate=(1 - share_now)*a.acetate + share_now*b.acetate, tris=(1 - share_now)*a.tris + share_now*b.tris,
      phosphate=(1 - share_now)*a.phosphate + share_now*b.phosphate,
      citrate=(1 - share_now)*a.citrate + share_now*b.citrate,
      histidine=(1 - share_now)*a.histidine + share_now*b.histidine);
  annotation(Documentation(info="<html>
<p>While a gradient runs the share of B goes from share to share_end in proportion to the volume sent, and stays there. A source
is outside the boundary of the flowsheet: what it sends is what comes in.</p>
</html>"));
end BufferGradient;
