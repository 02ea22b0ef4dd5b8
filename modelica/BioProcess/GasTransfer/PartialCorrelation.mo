within BioProcess.GasTransfer;
partial model PartialCorrelation "Transfer coefficient of oxygen from power and gas velocity"
  input Units.PowerPerVolume P_V "Power of the stirrer per volume";
  input Units.Velocity v_s "Superficial velocity of the gas";
  output Units.SpecificRate kLa "Transfer coefficient times area per volume";
end PartialCorrelation;
