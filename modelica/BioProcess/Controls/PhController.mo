within BioProcess.Controls;
block PhController "Holds the pH by carbon dioxide in the gas and by base"
  extends PartialController(gain=2, integral_time=1800, output_min=-1, output_max=1, output_start=-0.5);
  parameter Units.VolumeFlowRate base_flow_max(min=0) = 1e-5 "Largest flow of base: 36 L/h, calibrated";
  parameter Units.Fraction carbon_dioxide_max(min=0, max=1) = 0.2 "Largest share of carbon dioxide in the gas: calibrated";
  parameter Units.Molarity base_sodium(min=0) = 1000 "Sodium in the base: 0.5 mol/L sodium carbonate, customary";
  parameter Units.Molarity base_carbonate(min=0) = 500 "Carbonate in the base: customary";
  parameter Units.Molarity base_ammonia(min=0) = 0 "Ammonia in the base: 13400 mol/m3 in a solution of 25 %";
  parameter Units.Temperature T_base = 298.15 "Temperature of the base: customary";
  input Units.PH set_point(start=7.0, min=0, max=14) "pH that is wanted";
  input Units.PH measured(start=7, min=-2, max=16) "pH";
  input Units.Number manual_output(start=0, min=-1, max=1) "From -1, all carbon dioxide, to 1, all base, by hand";
  Interfaces.LiquidOutlet base "Base";
  output Units.Fraction gas_carbon_dioxide "Carbon dioxide in the gas";
protected
  Interfaces.OutletVector outflow "Base";
equation
  deviation = set_point - measured;
  manual = manual_output;
  gas_carbon_dioxide = carbon_dioxide_max*noEvent(max(-actual, 0));
  outflow.V_flow = if actual > 0 then base_flow_max*noEvent(max(actual, 0)) else 0;
  outflow.T = T_base;
  outflow.c = Species.vector(sodium=base_sodium, carbonate=base_carbonate, ammonia=base_ammonia);
  connect(outflow.port, base);
  annotation(Documentation(info="<html>
<p>Split range: above 0 the output opens the pump of the base, below 0 the valve of carbon dioxide. The pump
starts and stops with an event, so that no base ever flows back. The base comes from
outside the flowsheet. Gain and times: calibrated to 2,000 L.</p>
</html>"));
end PhController;
