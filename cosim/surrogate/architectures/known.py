"""The architectures by name; a new one goes here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cosim.errors import ScenarioError
from cosim.scenario.document import Scalar
from cosim.surrogate.architectures import column_facts, lumped_facts, static_map
from cosim.surrogate.architectures.column import Column
from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.architectures.lumped_unit import LumpedUnit
from cosim.surrogate.architectures.static_map import StaticMap
from cosim.surrogate.model import Plan, Runs, SearchEntry
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest

Options = Mapping[str, Any]
_MOST: Final = {
    "members": 32,
    "width": 1024,
    "iterations": 10_000_000,
    "memory": 1000,
    "substeps": 60,
    "points": 6,
    "cells_per_slice": 10,
}
_COUNTS: Final = tuple(_MOST)
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "lumped_unit": {"members": 4, "width": 48, "iterations": None, "carrier": None, "outflow": None},
    "static_map": {"members": 4, "width": 48, "iterations": None, "memory": 1},
    "column": {
        "members": 2,
        "width": 8,
        "iterations": None,
        "substeps": 1,
        "points": 4,
        "cells_per_slice": 2,
    },
}
"""Options by architecture with their defaults; ``iterations`` ends a training before its budget does."""


def _make_lumped(description: ComponentDescription, plan: Plan, runs: Runs, options: Options) -> AbstractModel:
    return LumpedUnit(lumped_facts.find_facts(description, plan, runs, options))


def _read_lumped(facts: Mapping[str, Any]) -> AbstractModel:
    return LumpedUnit(lumped_facts.read_facts(facts))


def _make_map(description: ComponentDescription, plan: Plan, runs: Runs, options: Options) -> AbstractModel:
    return StaticMap(static_map.find_facts(description, plan, runs, options))


def _read_map(facts: Mapping[str, Any]) -> AbstractModel:
    return StaticMap(static_map.read_facts(facts))


def _make_column(description: ComponentDescription, plan: Plan, runs: Runs, options: Options) -> AbstractModel:
    return Column(column_facts.find_facts(description, plan, runs, options))


def _read_column(facts: Mapping[str, Any]) -> AbstractModel:
    return Column(column_facts.read_facts(facts))


_MAKERS: Final[Mapping[str, Callable[[ComponentDescription, Plan, Runs, Options], AbstractModel]]] = {
    "lumped_unit": _make_lumped,
    "static_map": _make_map,
    "column": _make_column,
}
_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], AbstractModel]]] = {
    "lumped_unit": _read_lumped,
    "static_map": _read_map,
    "column": _read_column,
}


def read_options(architecture: str, written: Mapping[str, Scalar]) -> dict[str, Any]:
    """Return the options of ``architecture``, defaults where none is written.

    Raises
    ------
    ScenarioError
        Naming the first that is unknown or of another kind.
    """
    options = dict(DEFAULTS[architecture])
    for name, value in written.items():
        if name not in options:
            hint = nearest(name, options)
            raise ScenarioError(f"'{architecture}' has no option '{name}'.{hint}", location=value.origin)
        options[name] = _number(name, value) if name in _COUNTS else value.text
    return options


def _number(name: str, written: Scalar) -> int:
    most = _MOST[name]
    if not (written.text.isascii() and written.text.isdigit() and 1 <= int(written.text[:9]) <= most):
        text = f"'{name}' is '{written.text}'; it should be a whole number from 1 to {most}."
        raise ScenarioError(text, location=written.origin)
    return int(written.text)


def check_ranges(architecture: str, search: SearchEntry) -> None:
    """Raise ScenarioError where a search names what is no number among the options, or goes too far."""
    counts = [name for name in DEFAULTS[architecture] if name in _COUNTS and name != "iterations"]
    for name, (_, high) in search.ranges.items():
        if name not in counts:
            text = f"'{architecture}' has no number '{name}' to be searched for; it has {', '.join(counts)}."
            raise ScenarioError(text, location=search.origin)
        if high > _MOST[name]:
            raise ScenarioError(f"'{name}' is searched up to {high}, and {_MOST[name]} is the most.",
                                location=search.origin)  # fmt: skip


def make_model(
    architecture: str, description: ComponentDescription, plan: Plan, runs: Runs, options: Options
) -> AbstractModel:
    """Return a model without weights of the FMU that was sampled.

    Raises
    ------
    StructureError
        Where the FMU is not what the architecture is for.
    """
    return _MAKERS[architecture](description, plan, runs, options)


def read_model(document: Mapping[str, Any]) -> AbstractModel:
    """Read the model of a package; KeyError, TypeError or ValueError where it is something else."""
    return _READERS[str(document["name"])](document["facts"])
