within BioProcess.GasTransfer;
model OffGas "Composition of the gas in contact with a broth, and of what leaves"
  parameter Units.AmountOfSubstance n_gas(min=1e-9) "Gas held up in bubbles and headspace";
  parameter Units.Fraction y_oxygen_start = 0.2095 "Oxygen at the start: dry air, CRC Handbook of Chemistry and Physics";
  parameter Units.Fraction y_carbon_dioxide_start = 0.0004 "Carbon dioxide at the start: air, CRC Handbook of Chemistry and Physics";
  input Units.MolarFlowRate gas_flow "Gas that enters";
  input Units.Fraction gas_oxygen "Oxygen in the gas that enters";
  input Units.Fraction gas_carbon_dioxide "Carbon dioxide in the gas that enters";
  input Units.MolarFlowRate oxygen_flow "Oxygen that the broth takes";
  input Units.MolarFlowRate carbon_dioxide_flow "Carbon dioxide that the broth takes";
  Units.Fraction y_oxygen(start=y_oxygen_start, fixed=true, nominal=0.1) "Oxygen";
  Units.Fraction y_carbon_dioxide(start=y_carbon_dioxide_start, fixed=true, nominal=0.01) "Carbon dioxide";
  output Units.MolarFlowRate outflow "Gas that leaves";
protected
  Units.Number whole "What the shares must not exceed together";
equation
  whole = noEvent(max(gas_oxygen + gas_carbon_dioxide, 1));
  n_gas*der(y_oxygen) = gas_flow*(gas_oxygen/whole - y_oxygen) - oxygen_flow + y_oxygen*(oxygen_flow + carbon_dioxide_flow);
  n_gas*der(y_carbon_dioxide) = gas_flow*(gas_carbon_dioxide/whole - y_carbon_dioxide) - carbon_dioxide_flow
    + y_carbon_dioxide*(oxygen_flow + carbon_dioxide_flow);
  outflow = gas_flow - oxygen_flow - carbon_dioxide_flow;
  annotation(Documentation(info="<html>
<p>Gas in bubbles and headspace is well mixed and of constant amount. Shares that enter and add up to more than 1 are
scaled down to 1.</p>
<h4>Equations</h4>
<p>n dy<sub>i</sub>/dt = F (y<sub>i,in</sub> &minus; y<sub>i</sub>) &minus; N<sub>i</sub> + y<sub>i</sub> &Sigma; N, F<sub>out</sub> = F
&minus; &Sigma; N, with the transfer N<sub>i</sub> to the broth.</p>
<h4>Limitations</h4>
<p>Water vapour is not counted. Without gas flow, gas is drawn back from the vent with the composition of the headspace.</p>
</html>"));
end OffGas;
