within BioProcess.Reactors;
model UncontrolledFedBatch "Fed-batch reactor without control of pH"
  extends PartialFedBatch;
equation
  made_control = zeros(BioProcess.Species.n);
  consumed_control = zeros(BioProcess.Species.n);
end UncontrolledFedBatch;
