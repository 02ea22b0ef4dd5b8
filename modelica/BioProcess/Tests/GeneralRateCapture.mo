within BioProcess.Tests;
model GeneralRateCapture "Porous particles capture and release what a lumped rate captures and releases"
  extends Icons.Example;
  Feeds.StreamSource harvest[2] "Clarified harvest";
  Feeds.StreamSource buffer[2] "Buffers";
  Fmus.ProteinAGeneralRate porous(n_tanks=8, n_cells=24, n_radial=3, diameter=0.2, length=0.1) "Porous particles";
  Fmus.ProteinA lumped(n_tanks=8, n_cells=24, diameter=0.2, length=0.1) "One rate";
  output Units.Fraction sent "Share of the load that has left the porous column";
protected
  constant Units.VolumeFlowRate V_pump = 1.0472e-5 "Flow: a bed in 5 min";
  Units.Mass in_slices "Antibody in all slices";
equation
  connect(harvest[1].port, porous.load);
  connect(buffer[1].port, porous.buffer);
  connect(harvest[2].port, lumped.load);
  connect(buffer[2].port, lumped.buffer);
  for i in 1:2 loop
    harvest[i].V_flow = if time < 2000 then V_pump else 0;
    harvest[i].c = Species.vector(mab=4.4, hcp=0.3, sodium=155, chloride=107, carbonate=13, phosphate=3, lactate=40);
    buffer[i].V_flow = if time < 2000 then 0 else V_pump;
    buffer[i].c = Species.vector(sodium=2.3, acetate=50);
  end for;
  sent = porous.outlet.m_mab_total/(4.4*2000*V_pump);
  in_slices = sum(porous.mab_liquid) + sum(porous.mab_particles);
  when time >= 1900 then
    assert(abs(porous.bound/lumped.bound - 1) < 0.02, "Porous particles capture another amount than a lumped rate.");
    assert(abs(in_slices/porous.contents[Species.Mab.index] - 1) < 1e-9, "The slices hold another amount than the column.");
  end when;
  when time >= 3500 then
    assert(abs(sent - 1) < 0.01, "The elution leaves antibody in the particles.");
    assert(porous.cycles > 0.5, "An emptied column has not counted its cycle.");
  end when;
  annotation(
    experiment(StopTime=3600, Interval=10),
    Documentation(info="<html>
<p>With the same capacity both hold what was loaded before breakthrough, and an elution at low pH releases it.</p>
</html>"));
end GeneralRateCapture;
