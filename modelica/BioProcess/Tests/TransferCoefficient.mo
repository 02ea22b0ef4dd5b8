within BioProcess.Tests;
model TransferCoefficient "Both of van 't Riet's correlations, solubilities, and the pH of bicarbonate"
  extends Icons.Example;
  parameter Units.PowerPerVolume P_V = 20 "Power per volume";
  parameter Units.Velocity v_s = 5e-4 "Superficial velocity of the gas";
  parameter Units.Molarity bicarbonate = 24 "Bicarbonate";
  parameter Units.Pressure p_carbon_dioxide = 5332.89472 "Partial pressure of carbon dioxide: 40 mmHg";
  parameter Real pK = 6.1 "Apparent first constant";
  parameter Units.HenryConstant H = 0.03/133.322368 "Solubility of carbon dioxide: 0.03 mM/mmHg";
  parameter Units.Temperature T = 298.15 "Temperature of the solubilities";
  replaceable GasTransfer.Coalescing water constrainedby GasTransfer.PartialCorrelation "Bubbles that coalesce";
  GasTransfer.NonCoalescing salt "Bubbles that do not";
  output Units.SpecificRate kLa_coalescing "Transfer coefficient in water";
  output Units.SpecificRate kLa_non_coalescing "Transfer coefficient in salt solutions";
  output Units.PH pH "pH of the bicarbonate";
  output Units.HenryConstant H_oxygen "Solubility of oxygen";
  output Units.HenryConstant H_carbon_dioxide "Solubility of carbon dioxide";
equation
  water.P_V = P_V;
  water.v_s = v_s;
  salt.P_V = P_V;
  salt.v_s = v_s;
  kLa_coalescing = water.kLa;
  kLa_non_coalescing = salt.kLa;
  pH = Media.bicarbonatePH(bicarbonate, p_carbon_dioxide, pK, H);
  H_oxygen = GasTransfer.solubilityOfOxygen(T);
  H_carbon_dioxide = GasTransfer.solubilityOfCarbonDioxide(T);
  annotation(experiment(StopTime=1));
end TransferCoefficient;
