within BioProcess.Feeds;
block BufferSource "One of several buffers, at a set flow"
  extends Icons.UnitOperation;
  input Types.Buffer select(start=Types.Buffer.off) "Buffer that flows";
  input Units.VolumeFlowRate flow_set(start=1.6666666666666666e-4, min=0, max=1e-2) "Flow while a buffer is selected: 600 L/h";
  parameter Units.Temperature T = 298.15 "Temperature of the buffers: customary";
  parameter Data.EquilibrationBuffer equilibration "Equilibration buffer";
  parameter Data.WashBuffer wash "Wash buffer";
  parameter Data.ElutionBuffer elution "Elution buffer";
  parameter Data.StripBuffer strip "Strip buffer";
  parameter Data.SanitisationBuffer sanitisation "Sanitisation buffer";
  Interfaces.LiquidOutlet outlet "Buffer";
  output Units.PH pH "pH of the buffer";
protected
  Units.Molarity sodium "Sodium in the buffer that is selected";
  Units.Molarity chloride "Chloride in the buffer that is selected";
  Units.Molarity acetate "Total acetate in the buffer that is selected";
  Units.Molarity tris "Total tris in the buffer that is selected";
  Units.Molarity phosphate "Total phosphate in the buffer that is selected";
  Units.Molarity citrate "Total citrate in the buffer that is selected";
  Units.Molarity histidine "Total histidine in the buffer that is selected";
  Interfaces.OutletVector outflow "Buffer";
equation
  connect(outflow.port, outlet);
  outflow.V_flow = if select == Types.Buffer.off then 0 else flow_set;
  outflow.T = T;
  sodium = if select == Types.Buffer.sanitisation then sanitisation.sodium
    elseif select == Types.Buffer.strip then strip.sodium
    elseif select == Types.Buffer.elution then elution.sodium
    elseif select == Types.Buffer.wash then wash.sodium
    else equilibration.sodium;
  chloride = if select == Types.Buffer.sanitisation then sanitisation.chloride
    elseif select == Types.Buffer.strip then strip.chloride
    elseif select == Types.Buffer.elution then elution.chloride
    elseif select == Types.Buffer.wash then wash.chloride
    else equilibration.chloride;
  acetate = if select == Types.Buffer.sanitisation then sanitisation.acetate
    elseif select == Types.Buffer.strip then strip.acetate
    elseif select == Types.Buffer.elution then elution.acetate
    elseif select == Types.Buffer.wash then wash.acetate
    else equilibration.acetate;
  tris = if select == Types.Buffer.sanitisation then sanitisation.tris
    elseif select == Types.Buffer.strip then strip.tris
    elseif select == Types.Buffer.elution then elution.tris
    elseif select == Types.Buffer.wash then wash.tris
    else equilibration.tris;
  phosphate = if select == Types.Buffer.sanitisation then sanitisation.phosphate
    elseif select == Types.Buffer.strip then strip.phosphate
    elseif select == Types.Buffer.elution then elution.phosphate
    elseif select == Types.Buffer.wash then wash.phosphate
    else equilibration.phosphate;
  citrate = if select == Types.Buffer.sanitisation then sanitisation.citrate
    elseif select == Types.Buffer.strip then strip.citrate
    elseif select == Types.Buffer.elution then elution.citrate
    elseif select == Types.Buffer.wash then wash.citrate
    else equilibration.citrate;
  histidine = if select == Types.Buffer.sanitisation then sanitisation.histidine
    elseif select == Types.Buffer.strip then strip.histidine
    elseif select == Types.Buffer.elution then elution.histidine
    elseif select == Types.Buffer.wash then wash.histidine
    else equilibration.histidine;
  outflow.c = Species.vector(
    sodium=sodium, chloride=chloride, acetate=acetate, tris=tris, phosphate=phosphate, citrate=citrate,
    histidine=histidine);
  pH = Media.pH(outflow.c);
  annotation(Documentation(info="<html>
<p>A source is outside the boundary of the flowsheet: what it sends is what comes in. While off, the composition is that
of the equilibration buffer.</p>
</html>"));
end BufferSource;
