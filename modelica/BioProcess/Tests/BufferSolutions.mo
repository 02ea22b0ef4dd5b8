within BioProcess.Tests;
model BufferSolutions "pH of the buffers of a capture step, and of half-neutralised acids and bases"
  extends Icons.Example;
  Feeds.BufferSource source "Buffers, one after the other";
  output Units.PH pH_lactate "Lactic acid, half neutralised";
  output Units.PH pH_ammonia "Ammonia, half neutralised";
  output Units.PH pH_carbonate "24 mM bicarbonate under 40 mmHg of carbon dioxide";
  output Units.PH pH_phosphate "Phosphate between its first and second salt";
  output Units.Conductivity kappa "Conductivity of 100 mM sodium chloride";
  output Units.MassConcentration K "Half saturation of a binding protein where binding weakens";
equation
  source.flow_set = 1e-4;
  source.select = if time < 1 then Types.Buffer.equilibration elseif time < 2 then Types.Buffer.wash
    elseif time < 3 then Types.Buffer.elution elseif time < 4 then Types.Buffer.strip elseif time < 5 then
    Types.Buffer.sanitisation else Types.Buffer.off;
  pH_lactate = Media.pH(Species.vector(lactate=20, sodium=10));
  pH_ammonia = Media.pH(Species.vector(ammonia=20, chloride=10));
  pH_carbonate = Media.pH(Species.vector(carbonate=25.2, sodium=24));
  pH_phosphate = Media.pH(Species.vector(sodium=15, phosphate=10));
  kappa = Media.conductivity(7, Species.vector(sodium=100, chloride=100));
  K = Chromatography.dissociationConstant(5.7, 0.02, 5.7, 1.5);
  assert(abs(pH_lactate - 3.86) < 0.02, "Half-neutralised lactic acid is not at its pKa.");
  assert(abs(pH_ammonia - 9.25) < 0.02, "Half-neutralised ammonia is not at its pKa.");
  assert(abs(pH_carbonate - 7.401) < 0.015, "Bicarbonate under carbon dioxide is off Henderson and Hasselbalch.");
  assert(abs(pH_phosphate - 7.20) < 0.002, "Phosphate is not at its second pKa.");
  assert(abs(kappa - 1.264) < 1e-3, "Sodium chloride conducts other than its ions do.");
  assert(abs(K - 0.04) < 1e-12, "Where binding weakens, the half saturation is not twice that of the neutral protein.");
  when time >= 0.5 then
    assert(abs(source.pH - 7.4) < 0.01, "The equilibration buffer is not at pH 7.4.");
  end when;
  when time >= 1.5 then
    assert(abs(source.pH - 7.4) < 0.01, "The wash buffer is not at pH 7.4.");
  end when;
  when time >= 2.5 then
    assert(abs(source.pH - 3.5) < 0.01, "The elution buffer is not at pH 3.5.");
  end when;
  when time >= 3.5 then
    assert(abs(source.pH - 2.9) < 0.05, "The strip buffer is not at pH 2.9.");
  end when;
  when time >= 4.5 then
    assert(abs(source.pH - 13) < 0.01, "The sanitisation buffer is not at pH 13.");
  end when;
  when time >= 5.9 then
    assert(abs(source.outlet.V_total - 5e-4) < 1e-9, "Buffer flows while none is selected.");
  end when;
  annotation(experiment(StopTime=6, Interval=0.1));
end BufferSolutions;
