within BioProcess.Reactors;
model UncontrolledFedBatch "Fed-batch reactor without control of pH"
  extends PartialFedBatch;
equation
  made_control = zeros(Species.n);
  consumed_control = zeros(Species.n);
end UncontrolledFedBatch;
