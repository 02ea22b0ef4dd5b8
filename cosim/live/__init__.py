"""The live side of a plant: its tags, the faults of a virtual one, what is received and how it is kept."""
