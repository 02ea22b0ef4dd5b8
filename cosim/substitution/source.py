"""The FMU that a training file names, built if need be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cosim.errors import CosimError, ReleaseError, ScenarioError
from cosim.loading import FMI_VERSION, OnBuilt, search_path, structural_value
from cosim.releasing import resolve
from cosim.surrogate.hybrid.model import HybridFile
from cosim.surrogate.model import TrainingFile

if TYPE_CHECKING:
    from cosim.fmu import FmuFile

MODELICA = "modelica:"
RELEASE = "release:"


def open_source(file: TrainingFile | HybridFile, on_built: OnBuilt = lambda _: None) -> FmuFile:
    """Return the FMU, open.

    Raises
    ------
    CosimError
        Where it cannot be built or used, with its place in the training file.
    """
    from cosim.fmu import open_fmu

    try:
        return _opened_release(file) if file.source.text.startswith(RELEASE) else open_fmu(_built(file, on_built), None)
    except CosimError as error:
        if error.location is not None:
            raise
        raise type(error)(f"'source': {error.message}", location=file.source.origin) from error


def _opened_release(file: TrainingFile | HybridFile) -> FmuFile:
    from cosim.fmu import open_fmu

    released = resolve(file.source.text.removeprefix(RELEASE).strip(), file.path.parent)
    opened = open_fmu(released.path, None)
    if opened.sha256 != released.sha256:
        opened.close()
        raise ReleaseError(f"'{released.path}' changed while it was opened.")
    return opened


def _built(file: TrainingFile | HybridFile, on_built: OnBuilt) -> Path:
    text = file.source.text
    if not text.startswith(MODELICA):
        if file.structure:
            raise ScenarioError("'structure' needs a 'modelica:' source to rebuild.", location=file.source.origin)
        return file.path.parent / text
    from cosim.build.builder import build

    structure = {key: structural_value(value) for key, value in file.structure.items()}
    name = text.removeprefix(MODELICA)
    made = build([name], search_path=search_path(file.path), fmi_versions=(FMI_VERSION,), structure=structure)[0]
    if not made.is_cached:
        on_built(f"{made.class_name} in {made.seconds:.1f} s")
    return made.path
