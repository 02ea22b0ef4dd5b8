"""Surrogates joined with FMUs: training from a file, and the place of an FMU in a scenario taken by a network."""
