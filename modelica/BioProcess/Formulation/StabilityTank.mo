within BioProcess.Formulation;
block StabilityTank "Stirred tank that doses excipients, keeps a temperature and lets antibody age"
  extends Vessels.PartialTreatmentTank(heel=1e-4, volume_small=1e-6);
  parameter Data.AntibodyStability stability "Rates of ageing";
  parameter Data.ExcipientStock stock "Stock of excipients";
  parameter Data.FormulationBuffer diluent "Buffer that dilutes";
  parameter Units.Time tau_jacket(min=1) = 3600 "Time that contents take to follow the jacket: calibrated";
  input Units.VolumeFlowRate stock_flow(start=0, min=0, max=0.001) "Flow of the stock of excipients";
  input Units.VolumeFlowRate diluent_flow(start=0, min=0, max=0.001) "Flow of the diluent";
  input Units.Temperature T_jacket(start=298.15, min=233.15, max=333.15) "Temperature of the jacket";
  output Units.Molarity sucrose "Sucrose";
  output Units.Molarity histidine "Total histidine";
  output Units.Fraction acidic "Acidic variants over antibody";
  output Units.Temperature temperature "Temperature of the contents";
protected
  Units.SpecificRate k_acidic "Rate at which the main form turns acidic";
  Units.MassFlowRate acidic_flow "Main form that turns acidic";
equation
  addition_flow = noEvent(max(stock_flow, 0)) + noEvent(max(diluent_flow, 0));
  added = noEvent(max(stock_flow, 0))*Species.vector(
      sucrose=stock.sucrose, sodium=stock.sodium, chloride=stock.chloride, acetate=stock.acetate, tris=stock.tris,
      phosphate=stock.phosphate, citrate=stock.citrate, histidine=stock.histidine)
    + noEvent(max(diluent_flow, 0))*Species.vector(
      sodium=diluent.sodium, chloride=diluent.chloride, acetate=diluent.acetate, tris=diluent.tris,
      phosphate=diluent.phosphate, citrate=diluent.citrate, histidine=diluent.histidine);
  heat_flow = Media.volumetricHeatCapacity*V*(T_jacket - T)/tau_jacket;
  k_aggregation = Quality.aggregationRate(T, pH, c[Species.Mab.index], stability);
  k_acidic = Quality.acidicRate(T, pH, stability);
  acidic_flow = k_acidic*noEvent(max(
    m[Species.Mab.index] - m[Species.MabAcidic.index] - m[Species.MabBasic.index], 0));
  consumed_flow = VirusSafety.aggregation(k_aggregation, m);
  made_flow = added + Species.vector(mab_aggregate=k_aggregation*m[Species.Mab.index], mab_acidic=acidic_flow);
  pH = Media.pH(c);
  sucrose = c[Species.Sucrose.index];
  histidine = c[Species.Histidine.index];
  acidic = m[Species.MabAcidic.index]/noEvent(max(m[Species.Mab.index], m_small));
  temperature = T;
  annotation(Documentation(info="<html>
<p>The retentate of ultrafiltration gets its excipients, is diluted to its strength, and waits, cold or not.</p>
<h4>Equations</h4>
<p>Aggregation is of second order in antibody unless k_aggregation_first is given, dm/dt = &minus;k<sub>2</sub> c m; the
main form turns acidic in first order. Both follow Arrhenius, and the pH where slopes are given. The contents run to the temperature of the jacket with the lag tau_jacket.</p>
<h4>Assumptions</h4>
<p>Stock and diluent come from outside the flowsheet at T_start and count as made. Volumes add.</p>
<h4>Limitations</h4>
<p>Rates do not depend on excipients, and freezing is not modelled: below 0 degC the law of Arrhenius is
extrapolated.</p>
<h4>Validation</h4>
<p>Case stability; Tests.FormulatedHold.</p>
</html>"));
end StabilityTank;
