within BioProcess.Vessels;
model Plug "Closes an inlet inside a model: nothing flows"
  extends Feeds.StreamSource(V_flow=0, c=zeros(Species.n));
end Plug;
