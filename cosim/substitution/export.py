"""A package of a surrogate as a file for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cosim.errors import ResultError
from cosim.results.document import write_bytes
from cosim.surrogate.package import read_package


def export_surrogate(folder: str | Path, kind: Literal["fmu", "onnx"], out: str | Path | None = None) -> Path:
    """Write the package in ``folder`` as an FMU of FMI 2.0 or an ONNX model; default ``<name>.<kind>``; return where.

    Raises
    ------
    CosimError
        When the package cannot be used, or the file would give other numbers; nothing is then written.
    """
    package = read_package(Path(folder))
    path = Path(out) if out is not None else Path(f"{package.name}.{kind}")
    if path.is_dir():
        raise ResultError(f"'{path}' is a folder. Name the file to write with --out.")
    if kind == "fmu":
        from cosim.substitution.network_fmu import export_fmu

        return export_fmu(package, path)
    from cosim.surrogate.batch import onnx_model

    write_bytes(path, onnx_model(package))
    return path
