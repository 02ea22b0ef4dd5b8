"""Measured data from files of laboratories: tables, spreadsheets, chromatograms, a template to fill in."""

from cosim.measurements.chromatogram import Chromatogram, Curve, read_chromatogram
from cosim.measurements.columns import Column, Layout, read_table
from cosim.measurements.rules import Rules
from cosim.measurements.series import Experiment, Series, in_units
from cosim.measurements.template import read_template, write_template

__all__ = [
    "Chromatogram",
    "Column",
    "Curve",
    "Experiment",
    "Layout",
    "Rules",
    "Series",
    "in_units",
    "read_chromatogram",
    "read_table",
    "read_template",
    "write_template",
]
