"""Optimisation: what is wanted of the responses, searches in the unit cube of the factors, and what they found."""
