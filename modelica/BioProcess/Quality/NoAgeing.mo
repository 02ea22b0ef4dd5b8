within BioProcess.Quality;
model NoAgeing "Antibody that stays as it is, all of one kind"
  extends PartialAgeing;
equation
  made = zeros(BioProcess.Species.n);
  consumed = zeros(BioProcess.Species.n);
end NoAgeing;
