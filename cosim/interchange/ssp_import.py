"""A package → a folder with a scenario and its FMUs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.errors import StructureError
from cosim.fmu import open_fmu
from cosim.interchange.between import PACKAGE
from cosim.interchange.ssp_reader import Package, Path_, read_ssp
from cosim.interchange.ssp_scenario import Draft, connection_of, draft_scenario, identifier
from cosim.interchange.ssp_writer import COMPANIONS, FOLDER, digest
from cosim.preparation import prepare
from cosim.results.document import write_bytes, write_text

Algorithms = Mapping[str, Callable[..., AbstractAlgorithm[Any]]]


@dataclass(frozen=True, slots=True)
class Imported:
    """The scenario that was written, and what was left out or guessed."""

    scenario: Path
    remarks: tuple[str, ...]


def import_ssp(path: Path, folder: Path, algorithms: Algorithms, *, plain: bool = False) -> Imported:
    """Write the system of the package ``path`` into the new folder ``folder``, and check it.

    A package that cosim wrote gives the scenario it came from, unless ``plain`` asks for what SSP itself says.

    Raises
    ------
    StructureError
        When the package cannot be read or does not fit, or the folder is not empty.
    """
    package = read_ssp(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StructureError(f"'{folder}' exists and is not empty. Choose another folder, so that nothing is lost.")
    names = _names(package)
    files = _file_names(package)
    own = None if plain else package.kept
    if own is not None and own.system != _digest(package, names):
        raise StructureError(
            f"The system in '{path}' was changed after cosim wrote it, so that the phases and streams in it may no "
            "longer fit. Import with --plain what SSP says: components, connections, start values."
        )
    scenario = folder / (_scenario_name(own.file) if own is not None else f"{identifier(package.name)}.yaml")
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)  # it was empty, or not there
        _write(package, folder, files, is_own=own is not None)
        draft = _draft(package, folder, names, files) if own is None else Draft(own.text, "", ())
        write_text(scenario, draft.text)
        if draft.modelica:
            write_text(folder / f"{PACKAGE}.mo", draft.modelica)
        prepared = prepare(scenario, None, algorithms)
        prepared.close()
        undo.pop_all()
    return Imported(scenario, (*draft.remarks, *prepared.bound.warnings))


def _draft(package: Package, folder: Path, names: Mapping[Path_, str], files: Mapping[str, str]) -> Draft:
    variables = {}
    for element in package.elements:
        with open_fmu(folder / FOLDER / files[element.source]) as file:
            variables[element.path] = file.description.variables
    return draft_scenario(package, names, {key: f"{FOLDER}/{name}" for key, name in files.items()}, variables)


def _write(package: Package, folder: Path, files: Mapping[str, str], *, is_own: bool) -> None:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for member, name in files.items():
        write_bytes(folder / FOLDER / name, package.members[member])
    companions = [name for name in package.members if is_own and name.startswith(f"{COMPANIONS}/")]
    for member in companions:  # names were checked when the archive was opened
        place = folder / PurePosixPath(member).relative_to(COMPANIONS)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(place, package.members[member])


def _scenario_name(file: str) -> str:
    name = PurePosixPath(file.replace("\\", "/")).name
    return name if name.endswith((".yaml", ".yml")) else "scenario.yaml"


def _file_names(package: Package) -> dict[str, str]:
    """Return a name for each FMU in one folder; those of folders are joined."""
    found: dict[str, str] = {}
    for source in dict.fromkeys(element.source for element in package.elements):
        parts = PurePosixPath(source).parts
        name = wanted = "-".join(parts[1:] if parts[0] == FOLDER else parts).replace("!", "")
        number = 2
        while name in found.values():
            name, number = f"{PurePosixPath(wanted).stem}-{number}.fmu", number + 1
        found[source] = name
    return found


def _names(package: Package) -> dict[Path_, str]:
    """Return a name for each component; names within systems are joined."""
    names: dict[Path_, str] = {}
    for element in package.elements:
        name = wanted = identifier("_".join(element.path))
        number = 2
        while name in names.values():
            name, number = f"{wanted}_{number}", number + 1
        names[element.path] = name
    return names


def _digest(package: Package, names: Mapping[Path_, str]) -> str:
    sources = {names[element.path]: element.source for element in package.elements}
    wires = tuple(connection_of(wire, names) for wire in package.wires)
    return digest(sources, wires)
