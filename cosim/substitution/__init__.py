"""Surrogates joined with FMUs: training from a file, and the place of an FMU in a scenario taken by a network."""

from cosim.substitution.teaching import Taught, train

__all__ = ["Taught", "train"]
