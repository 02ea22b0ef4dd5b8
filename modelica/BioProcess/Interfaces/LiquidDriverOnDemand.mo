within BioProcess.Interfaces;
connector LiquidDriverOnDemand "What drives an inlet with a demand inside a model"
  extends LiquidDriver;
  input Units.VolumeFlowRate demand "Flow that the inlet asks for";
end LiquidDriverOnDemand;
