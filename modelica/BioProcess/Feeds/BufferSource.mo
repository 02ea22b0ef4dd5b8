within BioProcess.Feeds;
model BufferSource "One of several buffers, at a set flow"
  extends Icons.UnitOperation;
  input Types.Buffer select(start=Types.Buffer.off) "Buffer that flows";
  input Units.VolumeFlowRate flow_set(start=1.6666666666666666e-4, min=0) "Flow while a buffer is selected: 600 L/h";
  parameter Units.Temperature T = 298.15 "Temperature of the buffers: customary";
  parameter Data.EquilibrationBuffer equilibration "Equilibration buffer";
  parameter Data.WashBuffer wash "Wash buffer";
  parameter Data.ElutionBuffer elution "Elution buffer";
  parameter Data.StripBuffer strip "Strip buffer";
  parameter Data.SanitisationBuffer sanitisation "Sanitisation buffer";
  Interfaces.LiquidOutlet outlet "Buffer";
  output Units.PH pH "pH of the buffer";
protected
  Interfaces.OutletVector outflow "Buffer";
equation
  connect(outflow.port, outlet);
  outflow.V_flow = if select == Types.Buffer.off then 0 else flow_set;
  outflow.T = T;
  outflow.c[Species.Sodium.index] = if select == Types.Buffer.sanitisation then sanitisation.sodium
    elseif select == Types.Buffer.strip then strip.sodium
    elseif select == Types.Buffer.elution then elution.sodium
    elseif select == Types.Buffer.wash then wash.sodium
    else equilibration.sodium;
  outflow.c[Species.Chloride.index] = if select == Types.Buffer.sanitisation then sanitisation.chloride
    elseif select == Types.Buffer.strip then strip.chloride
    elseif select == Types.Buffer.elution then elution.chloride
    elseif select == Types.Buffer.wash then wash.chloride
    else equilibration.chloride;
  outflow.c[Species.Acetate.index] = if select == Types.Buffer.sanitisation then sanitisation.acetate
    elseif select == Types.Buffer.strip then strip.acetate
    elseif select == Types.Buffer.elution then elution.acetate
    elseif select == Types.Buffer.wash then wash.acetate
    else equilibration.acetate;
  outflow.c[Species.Tris.index] = if select == Types.Buffer.sanitisation then sanitisation.tris
    elseif select == Types.Buffer.strip then strip.tris
    elseif select == Types.Buffer.elution then elution.tris
    elseif select == Types.Buffer.wash then wash.tris
    else equilibration.tris;
  outflow.c[Species.Phosphate.index] = if select == Types.Buffer.sanitisation then sanitisation.phosphate
    elseif select == Types.Buffer.strip then strip.phosphate
    elseif select == Types.Buffer.elution then elution.phosphate
    elseif select == Types.Buffer.wash then wash.phosphate
    else equilibration.phosphate;
  for i in 1:9 loop
    outflow.c[i] = 0;
  end for;
  pH = Media.pH(outflow.c);
  annotation(Documentation(info="<html>
<p>A source is outside the boundary of the flowsheet: what it sends is what comes in. While off, the composition is that
of the equilibration buffer.</p>
</html>"));
end BufferSource;
