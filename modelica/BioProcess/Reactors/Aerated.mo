within BioProcess.Reactors;
block Aerated "Stirred, aerated reactor with a culture of mammalian cells, without controllers"
  extends PartialFedBatch(
    redeclare BioProcess.Kinetics.ConditionedMabCulture kinetics,
    redeclare BioProcess.Quality.CultureAgeing quality,
    extra_flow=dosing.V_flow,
    extra_m_flow=dosing.m_flow,
    T_broth=temperature,
    pH_broth=pH);
  extends PartialAeration(T_reference=T, V_reference=max(volume_start, volume_small), V_small=volume_small);
  input Units.Number galactose_content(start=0.8, min=0, max=4) "Terminal galactose per antibody that is made, in moles";
  input Units.Number high_mannose_content(start=0.06, min=0, max=2) "High-mannose glycans per antibody that is made, in moles";
equation
  V_broth = V;
  c_broth = c;
  V_in_flow = inflow.V_flow + seeding.V_flow + bolus_flow;
  V_out_flow = outflow.V_flow;
  H_in_flow = Media.volumetricHeatCapacity*(inflow.V_flow*(inflow.T - T) + seeding.V_flow*(seeding.T - T));
  made_control = made_by_gas;
  consumed_control = consumed_by_gas;
  kinetics.T = temperature;
  kinetics.pH = pH;
  kinetics.oxygen = c_oxygen;
  quality.galactose_content = galactose_content;
  quality.high_mannose_content = high_mannose_content;
  oxygen_uptake_rate = kinetics.oxygen_uptake;
  annotation(Documentation(info="<html>
<p><a href=\"modelica://BioProcess.Reactors.PartialFedBatch\">PartialFedBatch</a> with
<a href=\"modelica://BioProcess.Reactors.PartialAeration\">PartialAeration</a>.</p>
</html>"));
end Aerated;
