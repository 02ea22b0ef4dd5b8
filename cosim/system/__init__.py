"""What is wired to what, as validated pure data."""
