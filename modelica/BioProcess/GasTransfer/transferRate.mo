within BioProcess.GasTransfer;
function transferRate "What a gas gives to a liquid, per volume of liquid"
  input Units.SpecificRate kLa "Transfer coefficient times area per volume";
  input Units.Molarity c_equilibrium "Concentration in equilibrium with the gas";
  input Units.Molarity c "Dissolved";
  output Units.MolarVolumetricRate rate "Transfer, negative when the liquid gives";
algorithm
  rate := kLa*(c_equilibrium - c);
end transferRate;
