"""Trained networks in the place of FMUs: sampling, training, packages, instances, and a guard over them."""
