within BioProcess.Formulation;
block Filler "Fills containers from a surge vessel; the line keeps its hold-up and some containers are rejected"
  extends Vessels.PartialContents(heel=2e-4, volume_small=1e-6);
  parameter Units.VolumeFlowRate fill_flow(min=0) = 2.777777777777778e-5 "Flow while filling: 100 L/h, calibrated";
  parameter Units.Volume container_volume(min=1e-9) = 0.001 "Volume of a container: 1 L bags, calibrated";
  parameter Units.Fraction rejected(min=0, max=1) = 0.003 "Share that inspection rejects: calibrated";
  Interfaces.LiquidOutlet filled "Filled containers";
  Interfaces.LiquidOutlet rejects "Rejected containers";
  input Boolean filling(start=true) "The line runs";
  output Units.Number containers "Containers filled and kept";
protected
  Units.Volume V_filled(start=0, fixed=true, nominal=0.1) "Volume in containers kept";
  Interfaces.OutletVector kept "Filled containers";
  Interfaces.OutletVector lost "Rejected containers";
  Units.VolumeFlowRate V_flow "Flow to the containers";
equation
  connect(kept.port, filled);
  connect(lost.port, rejects);
  V_flow = if filling then fill_flow*contents else 0;
  kept.V_flow = (1 - rejected)*V_flow;
  lost.V_flow = rejected*V_flow;
  kept.T = T;
  lost.T = T;
  kept.c = c;
  lost.c = c;
  der(V_filled) = kept.V_flow;
  containers = V_filled/container_volume;
  leaving_flow = kept.V_flow + lost.V_flow;
  leaving_m_flow = kept.m_flow + lost.m_flow;
  addition_flow = 0;
  heat_flow = 0;
  made_flow = zeros(Species.n);
  consumed_flow = zeros(Species.n);
  pH = Media.pH(c);
  held = m;
  annotation(Documentation(info="<html>
<p>A surge vessel feeds the needles. The heel is what vessel, tubing and needles keep.</p>
<h4>Equations</h4>
<p>Containers = volume filled/volume of a container.</p>
<h4>Assumptions</h4>
<p>Continuous flow instead of single strokes; the line is rinsed with product, whose loss is in the share rejected.</p>
<h4>Limitations</h4>
<p>No spread of the fill volume.</p>
<h4>Validation</h4>
<p>Tests.FormulatedHold.</p>
</html>"));
end Filler;
