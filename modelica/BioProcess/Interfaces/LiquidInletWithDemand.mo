within BioProcess.Interfaces;
connector LiquidInletWithDemand "Where a liquid stream enters as fast as the unit asks"
  extends LiquidInlet;
  output Units.VolumeFlowRate demand "Flow that the unit asks for";
end LiquidInletWithDemand;
