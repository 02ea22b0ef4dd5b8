within BioProcess.Interfaces;
connector LiquidOutletOnDemand "Where a liquid stream leaves as fast as the receiver asks"
  extends LiquidOutlet;
  input Units.VolumeFlowRate demand(start=0, min=0) "Flow that the receiver asks for";
end LiquidOutletOnDemand;
