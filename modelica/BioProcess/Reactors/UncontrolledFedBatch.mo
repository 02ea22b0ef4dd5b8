within BioProcess.Reactors;
model UncontrolledFedBatch "Fed-batch reactor without control of pH"
  extends PartialFedBatch;
equation
  made_control = zeros(14);
  consumed_control = zeros(14);
end UncontrolledFedBatch;
