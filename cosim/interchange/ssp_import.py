"""A package → a folder with a scenario and its FMUs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.errors import StructureError
from cosim.fmu import open_fmu
from cosim.interchange.conversions import is_conversion
from cosim.interchange.ssp_reader import Package, Path_, Value, Wire, read_ssp
from cosim.interchange.ssp_writer import COMPANIONS, FOLDER, digest
from cosim.preparation import prepare
from cosim.results.document import write_bytes, write_text
from cosim.system.structure import Connection
from cosim.system.variable import VariableName
from cosim.units import conversion

Algorithms = Mapping[str, Callable[..., AbstractAlgorithm[Any]]]

STEPS: Final = 500
"""Communication steps of a system that says how long it runs, and not in which steps."""
_DURATION: Final = 1.0
"""Length of a run [s] where nothing is said."""


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
    files = {element.source: _file_name(element.source) for element in package.elements}
    own = None if plain else package.kept
    if own is not None and own.system != _digest(package, names):
        raise StructureError(
            f"The system in '{path}' was changed after cosim wrote it, so that the phases and streams in it may no "
            "longer fit. Import with --plain what SSP says: components, connections, start values."
        )
    remarks: list[str] = []
    scenario = folder / (_scenario_name(own.file) if own is not None else f"{_identifier(package.name)}.yaml")
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)  # it was empty, or not there
        _write(package, folder, files, is_own=own is not None)
        units = {} if own is not None else _units(package, folder, files)
        write_text(scenario, own.text if own is not None else _scenario(package, names, files, units, remarks))
        prepared = prepare(scenario, None, algorithms)
        for component in prepared.components.values():
            component.close()
        if own is None:
            _check_transformations(package, names, prepared.bound.structure.connections, prepared.components)
        undo.pop_all()
    return Imported(scenario, (*remarks, *prepared.bound.warnings))


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


def _file_name(source: str) -> str:
    inner = PurePosixPath(source)
    parts = inner.parts[1:] if inner.parts[0] == FOLDER else inner.parts
    return "-".join(parts)


def _identifier(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    return name if name[:1].isalpha() else f"unit_{name}".rstrip("_")


def _names(package: Package) -> dict[Path_, str]:
    """Return a name for each component; names within systems are joined."""
    names: dict[Path_, str] = {}
    for element in package.elements:
        name = wanted = _identifier("_".join(element.path))
        number = 2
        while name in names.values():
            name, number = f"{wanted}_{number}", number + 1
        names[element.path] = name
    return names


def _digest(package: Package, names: Mapping[Path_, str]) -> str:
    sources = {names[element.path]: element.source for element in package.elements}
    wires = tuple(_connection(wire, names) for wire in package.wires)
    return digest(sources, wires)


def _connection(wire: Wire, names: Mapping[Path_, str]) -> Connection:
    for path, connector in (wire.source, wire.target):
        if path not in names:
            raise StructureError(
                f"A connection leads to {'.'.join((*path, connector))}, and there is no '{'.'.join(path)}'."
            )
    source, target = (VariableName(names[path], connector) for path, connector in (wire.source, wire.target))
    return Connection(source, target, wire.factor, wire.offset)


def _units(package: Package, folder: Path, files: Mapping[str, str]) -> dict[tuple[Path_, str], str | None]:
    """Return the units of the variables that have a value, as the FMUs state them."""
    found: dict[tuple[Path_, str], str | None] = {}
    for element in package.elements:
        with open_fmu(folder / FOLDER / files[element.source]) as file:
            variables = file.description.variables
            found |= {(element.path, name): variable.unit for name, variable in variables.items()}
    return {key: found.get(key) for key in package.values}


def _scenario(
    package: Package,
    names: Mapping[Path_, str],
    files: Mapping[str, str],
    units: Mapping[tuple[Path_, str], str | None],
    remarks: list[str],
) -> str:
    lines = [f"scenario: {_identifier(package.name)}"]
    if package.description:
        lines.append(f"description: {_quoted(package.description)}")
    lines.append("components:")
    for element in package.elements:
        options = f"source: {_quoted(f'{FOLDER}/{files[element.source]}')}"
        if element.implementation == "ModelExchange":
            options += ", fmi: model-exchange"
        lines.append(f"  {names[element.path]}: {{{options}}}")
    if package.wires:
        lines.append("connections:")
        lines += [f"  - {_quoted(_arrow(wire, names))}" for wire in package.wires]
    lines += _parameter_lines(package, names, units)
    lines += _phase_lines(package, names, remarks)
    return "\n".join(lines) + "\n"


def _arrow(wire: Wire, names: Mapping[Path_, str]) -> str:
    one = _connection(wire, names)
    return f"{one.source} -> {one.target}"


def _parameter_lines(
    package: Package, names: Mapping[Path_, str], units: Mapping[tuple[Path_, str], str | None]
) -> Iterator[str]:
    by_component: dict[str, list[str]] = {}
    for (path, variable), value in package.values.items():
        if path in names:
            by_component.setdefault(names[path], []).append(
                f"    {_quoted(variable)}: {_written(value, units[path, variable])}"
            )
    if by_component:
        yield "parameters:"
    for name, lines in by_component.items():
        yield f"  {name}:"
        yield from lines


def _written(value: Value, unit: str | None) -> str:
    """Write a value for a scenario; a number without a unit is in ``unit``, the variable's own."""
    if value.kind in ("Real", "Integer"):
        unit = value.unit or unit
        return _quoted(f"{value.text} {unit}") if unit else value.text
    return value.text.lower() if value.kind == "Boolean" else _quoted(value.text)


def _phase_lines(package: Package, names: Mapping[Path_, str], remarks: list[str]) -> Iterator[str]:
    stop = package.stop_time
    if stop is None or not stop > package.start_time:
        stop = package.start_time + _DURATION
        remarks.append(f"The package does not say how long to simulate: {_DURATION:g} s was taken.")
    if package.start_time:
        remarks.append(f"The package starts at {package.start_time:g} s; a run here starts at 0 s.")
    duration = stop - package.start_time
    remarks.append(f"A package has no communication step: {duration / STEPS:g} s was taken. Change it under 'phases'.")
    active = ", ".join(names.values())
    yield "phases:"
    yield f"  run: {{active: [{active}], duration: {duration!r} s, step: {duration / STEPS!r} s}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _check_transformations(
    package: Package, names: Mapping[Path_, str], bound: tuple[Connection, ...], components: Mapping[str, Any]
) -> None:
    """Make sure that what the package does to values is what the units do to them here."""
    found = {(one.source, one.target): one for one in bound}
    for wire in package.wires:
        one = _connection(wire, names)
        ours = found[(one.source, one.target)]
        units = [components[end.component].description.variables[end.variable].unit for end in (one.source, one.target)]
        factor, offset = wire.factor, wire.offset
        if not wire.is_bare:
            converted = conversion(*units)
            factor, offset = factor * converted.factor, factor * converted.offset + offset
        if not is_conversion(factor, offset, units[0], units[1]):
            raise StructureError(
                f"The connection {one.source} -> {one.target} multiplies by {factor:.9g} and adds {offset:.9g} in "
                f"the package; from the units, [{units[0]}] to [{units[1]}], follow {ours.factor:.9g} and "
                f"{ours.offset:.9g}. A scenario only converts units: give the FMU the right unit, or put a gain in "
                "between.",
                component=one.target.component,
                variable=one.target.variable,
            )
