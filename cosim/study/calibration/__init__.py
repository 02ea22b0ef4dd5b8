"""Calibration: parameters of a scenario fitted to measured data of several experiments."""
