"""Where in the space of some factors all specifications are met, with which probability, and where that ends."""
