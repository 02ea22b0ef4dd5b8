"""From Modelica sources to a flat model."""

from cosim.build.frontend.flat import FlatModel
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource

__all__ = ["FlatModel", "ModelicaSource", "load_flat"]
