within BioProcess.Quality;
model NoAgeing "Antibody that stays as it is, all of one kind"
  extends PartialAgeing;
equation
  made = zeros(Species.n);
  consumed = zeros(Species.n);
end NoAgeing;
