"""FMU files as instances; archives are opened as hostile until shown otherwise."""

from cosim.fmu.file import FmuFile, open_fmu

__all__ = ["FmuFile", "open_fmu"]
