"""Scenarios: YAML text → what was written → system structure and experiment."""
