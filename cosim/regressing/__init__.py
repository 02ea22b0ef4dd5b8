"""Suites of regression from their file to their answer: what is run, by whom, what is known already."""
