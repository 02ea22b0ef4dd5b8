"""Co-simulation algorithms, one per file."""
