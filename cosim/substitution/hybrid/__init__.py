"""Hybrids taught: experiments as numbers, the FMU followed with its sensitivities, weights fitted, a package."""
