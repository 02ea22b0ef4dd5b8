"""Masters of co-simulation, each behind the same three methods."""
