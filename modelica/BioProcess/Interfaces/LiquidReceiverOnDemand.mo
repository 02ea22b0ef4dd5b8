within BioProcess.Interfaces;
connector LiquidReceiverOnDemand "What receives from an outlet on demand inside a model"
  extends LiquidReceiver;
  output Units.VolumeFlowRate demand(min=0) "Flow that the receiver asks for";
end LiquidReceiverOnDemand;
