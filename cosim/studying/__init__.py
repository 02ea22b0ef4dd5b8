"""Studies from their file to their answer: planned, run here, in processes or on other machines, compared."""
