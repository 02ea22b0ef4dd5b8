"""What the engine needs of a running model, and nothing more."""
