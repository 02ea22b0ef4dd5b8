"""A package of a surrogate as a file for other tools."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

from cosim.errors import ResultError, StructureError
from cosim.results.document import write_bytes
from cosim.surrogate.hybrid.package import ARCHITECTURE as HYBRID
from cosim.surrogate.package import package_of, read_contents

_LONGEST: Final = 64
"""Characters of a name."""


def plain_name(name: str) -> str:
    """Return ``name`` as one that a file or a library may have, whoever wrote the package."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:_LONGEST] or "surrogate"


def export_surrogate(folder: str | Path, kind: Literal["fmu", "onnx"], out: str | Path | None = None) -> Path:
    """Write the package in ``folder`` as an FMU of FMI 2.0 or an ONNX model; default ``<name>.<kind>``; return where.

    Raises
    ------
    CosimError
        When the package cannot be used, or the file would give other numbers; nothing is then written.
    """
    contents = read_contents(Path(folder))
    if contents.architecture == HYBRID:
        raise StructureError(f"'{folder}' is a network in an FMU, which takes no step without it. Export the FMU.")
    package = package_of(contents)
    path = Path(out) if out is not None else Path(f"{plain_name(package.name)}.{kind}")
    if path.is_dir():
        raise ResultError(f"'{path}' is a folder. Name the file to write with --out.")
    if kind == "fmu":
        from cosim.substitution.network_fmu import export_fmu

        return export_fmu(package, path, name=plain_name(package.name))
    from cosim.surrogate.batch import onnx_model

    write_bytes(path, onnx_model(package))
    return path
