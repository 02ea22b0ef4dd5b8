"""Cost of what a run consumes: prices, consumption, occupation of equipment, cost per gram."""
