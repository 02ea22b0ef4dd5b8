"""Virtual scale-up: a model calibrated at small scale predicts a large one, for each criterion held constant."""
