"""A package → the text of a scenario, with the blocks that have to stand between its components."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cosim.errors import StructureError
from cosim.interchange.between import PACKAGE, Block, block_for, write_package
from cosim.interchange.ssp_reader import Package, Path_, Value, Wire
from cosim.interchange.ssp_streams import find_streams
from cosim.system.structure import Connection
from cosim.system.variable import Variable, VariableName
from cosim.units import conversion

STEPS: Final = 500
"""Communication steps of a system that says how long it runs, and not in which steps."""
_DURATION: Final = 1.0
"""Length of a run [s] where nothing is said."""
Variables = Mapping[Path_, Mapping[str, Variable]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario's text, the Modelica package it needs ('' for none), and what was left out or guessed."""

    text: str
    modelica: str
    remarks: tuple[str, ...]


def draft_scenario(
    package: Package, names: Mapping[Path_, str], sources: Mapping[str, str], variables: Variables
) -> Draft:
    """Return the scenario of ``package``; ``sources`` are the files of its FMUs, ``variables`` what these have.

    Raises
    ------
    StructureError
        When a connection leads nowhere, or a transformation does not fit.
    """
    blocks = dict(_blocks(package, names, variables))
    streams = find_streams(package.wires, blocks, variables)
    plain = [wire for wire in package.wires if not any(wire in stream.wires for stream in streams)]
    active = [*names.values(), *(name for name, _ in blocks.values())]
    remarks: list[str] = []
    lines = [f"scenario: {identifier(package.name)}"]
    if package.description:
        lines.append(f"description: {_quoted(package.description)}")
    lines.append("components:")
    for element in package.elements:
        kind = ", fmi: model-exchange" if element.implementation == "ModelExchange" else ""
        lines.append(f"  {names[element.path]}: {{source: {_quoted(sources[element.source])}{kind}}}")
    lines += [f"  {name}: {{source: 'modelica:{PACKAGE}.{block.name}'}}" for name, block in blocks.values()]
    if streams:
        lines.append("streams:")
        lines += [f"  - {stream.written(names)}" for stream in streams]
    if plain:
        lines.append("connections:")
        lines += [f"  - {_quoted(arrow)}" for wire in plain for arrow in _arrows(wire, names, blocks.get(wire))]
    lines += _parameter_lines(package, names, variables, blocks)
    lines += _phase_lines(package, active, remarks)
    if any(stream.wires for stream in streams):
        remarks.append("Connections between stream ports are streams here, which deliver amounts.")
    if blocks:
        remarks.append(
            f"{len(blocks)} connections do more than convert units: blocks of {PACKAGE}.mo stand between their ends."
        )
    text = "\n".join(lines) + "\n"
    return Draft(text, write_package(block for _, block in blocks.values()) if blocks else "", tuple(remarks))


def identifier(text: str) -> str:
    """Return ``text`` as a name that a component or scenario may have."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    return name if name[:1].isalpha() else f"unit_{name}".rstrip("_")


def connection_of(wire: Wire, names: Mapping[Path_, str]) -> Connection:
    """Return ``wire`` by the names of its components."""
    for path, connector in (wire.source, wire.target):
        if path not in names:
            raise StructureError(
                f"A connection leads to {'.'.join((*path, connector))}, and there is no '{'.'.join(path)}'."
            )
    source, target = (VariableName(names[path], connector) for path, connector in (wire.source, wire.target))
    return Connection(source, target)


def _blocks(
    package: Package, names: Mapping[Path_, str], variables: Variables
) -> Iterator[tuple[Wire, tuple[str, Block]]]:
    taken = set(names.values())
    for number, wire in enumerate(package.wires, start=1):
        connection_of(wire, names)
        ends = [variables[path].get(connector) for path, connector in (wire.source, wire.target)]
        block = block_for(wire, ends[0], ends[1], number)
        if block is not None:
            name = f"between_{number}"
            while name in taken:
                name += "_"
            taken.add(name)
            yield wire, (name, block)


def _arrows(wire: Wire, names: Mapping[Path_, str], between: tuple[str, Block] | None) -> list[str]:
    one = connection_of(wire, names)
    if between is None:
        return [f"{one.source} -> {one.target}"]
    return [f"{one.source} -> {between[0]}.u", f"{between[0]}.y -> {one.target}"]


def _parameter_lines(
    package: Package,
    names: Mapping[Path_, str],
    variables: Variables,
    blocks: Mapping[Wire, tuple[str, Block]],
) -> Iterator[str]:
    by_component: dict[str, list[str]] = {}
    for (path, name), value in package.values.items():
        if path in names:
            variable = variables[path].get(name)
            written = _written(value, None if variable is None else variable.unit, f"{names[path]}.{name}")
            by_component.setdefault(names[path], []).append(f"    {_quoted(name)}: {written}")
    for name, block in blocks.values():
        values = [f"    {parameter}: {value!r}" for parameter, value in block.parameters.items()]
        if values:
            by_component[name] = values
    if by_component:
        yield "parameters:"
    for name, lines in by_component.items():
        yield f"  {name}:"
        yield from lines


def _written(value: Value, unit: str | None, what: str) -> str:
    """Write a value for a scenario; a number without a unit is in ``unit``, the variable's own."""
    if value.kind not in ("Real", "Integer"):
        return value.text.lower() if value.kind == "Boolean" else _quoted(value.text)
    text, own = value.text, value.unit or unit
    try:
        number = float(text)
    except ValueError as error:
        raise StructureError(f"The value '{text}' of {what} is no number.") from error
    one = value.transformation
    if not one.is_identity:
        converted = conversion(None if one.is_bare else value.unit, unit)
        number = one.factor * (converted.factor * number + converted.offset) + one.offset
        text, own = repr(number), unit
    if value.kind == "Integer" and number.is_integer():
        text = str(int(number))
    return _quoted(f"{text} {own}") if own else text


def _phase_lines(package: Package, active: list[str], remarks: list[str]) -> Iterator[str]:
    stop = package.stop_time
    if stop is None or not stop > package.start_time:
        stop = package.start_time + _DURATION
        remarks.append(f"The package does not say how long to simulate: {_DURATION:g} s was taken.")
    if package.start_time:
        remarks.append(f"The package starts at {package.start_time:g} s; a run here starts at 0 s.")
    duration = stop - package.start_time
    remarks.append(f"A package has no communication step: {duration / STEPS:g} s was taken. Change it under 'phases'.")
    yield "phases:"
    yield f"  run: {{active: [{', '.join(active)}], duration: {duration!r} s, step: {duration / STEPS!r} s}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
