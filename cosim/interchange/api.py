"""Systems to other tools and from them, by path: what the command line does, for Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from cosim.errors import ScenarioError
from cosim.interchange import fmu_export, ssp_import, ssp_writer
from cosim.interchange.ssp_import import Imported
from cosim.loading import OnBuilt
from cosim.preparation import Prepared, prepare
from cosim.run import ALGORITHMS
from cosim.scenario.bind import Overrides

OnNote = Callable[[str], None]
"""Told what other tools will not see, or what was left out, before anything is written."""


def export_fmu(
    path: str | Path,
    out: str | Path,
    parameters: Overrides | None = None,
    *,
    components: Sequence[str] | None = None,
    phase: str | None = None,
    on_note: OnNote = lambda _: None,
    on_built: OnBuilt | None = None,
) -> Path:
    """Write the scenario at ``path``, or some ``components`` as in ``phase``, as one FMU to ``out``.

    Raises
    ------
    CosimError
        When the scenario cannot be used, or the FMU would silently do other than a run; nothing is then written.
    """
    with _prepared(path, parameters, on_built) as prepared:
        _spare_sources(prepared, Path(out))
        return fmu_export.export_fmu(prepared, Path(out), on_note, components=components, phase=phase)


def export_ssp(
    path: str | Path,
    out: str | Path,
    parameters: Overrides | None = None,
    *,
    on_note: OnNote = lambda _: None,
    on_built: OnBuilt | None = None,
) -> Path:
    """Write the scenario at ``path`` as a System Structure Package to ``out``.

    Raises
    ------
    CosimError
        When the scenario cannot be used, or holds what a package cannot.
    """
    with _prepared(path, parameters, on_built) as prepared:
        _spare_sources(prepared, Path(out))
        return ssp_writer.export_ssp(prepared, Path(out), on_note)


def import_ssp(package: str | Path, folder: str | Path, *, plain: bool = False) -> Imported:
    """Make a scenario of ``package`` in the new ``folder``; ``plain`` leaves out what cosim itself wrote into it.

    Raises
    ------
    CosimError
        When the package cannot be read or used; the folder is then as before.
    """
    return ssp_import.import_ssp(Path(package), Path(folder), ALGORITHMS, plain=plain)


def _spare_sources(prepared: Prepared, out: Path) -> None:
    """Raise ScenarioError where ``out`` would replace what the scenario is made of."""
    own = {prepared.scenario.path.resolve(): "the scenario itself"}
    for name, component in prepared.components.items():
        if component.file is not None:
            own[component.file.resolve()] = f"where '{name}' comes from"
    if out.resolve() in own:
        raise ScenarioError(
            f"'{out}' is {own[out.resolve()]}. Choose another file with --out, so that nothing is lost."
        )


def _prepared(path: str | Path, parameters: Overrides | None, on_built: OnBuilt | None) -> closing[Prepared]:
    return closing(prepare(path, parameters, ALGORITHMS, on_built=on_built))
