"""An FMU's variables under other names and in other units than its author's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cosim.errors import FmuError
from cosim.fmu.arrays import Arrays
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.ports import find_ports
from cosim.system.variable import Causality, Variable

TIME: Final = "time"
"""What we call the time of a model. Its renaming has the unit in which the author counts it."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """The author's name of a variable, and the unit it is to have; None: the author's."""

    name: str
    unit: str | None = None


def renamed_description(
    description: ComponentDescription, renamings: Mapping[str, Renaming], arrays: Arrays
) -> ComponentDescription:
    """Return ``description`` with the variables of ``renamings`` called by its keys, which may make them ports.

    Raises
    ------
    FmuError
        When the FMU has no such variable, it is part of an array, or a name is taken.
    """
    variables = description.variables
    renamings = _without_time(renamings, variables)
    ours = {renaming.name: name for name, renaming in renamings.items()}
    for name, renaming in renamings.items():
        if renaming.name not in variables:
            raise FmuError(f"There is no variable '{renaming.name}'.{nearest(renaming.name, variables)}", variable=name)
        if variables[renaming.name].shape or renaming.name in arrays.elements:
            raise FmuError(f"'{renaming.name}' is an array or part of one, which keeps its name.", variable=name)
        if name in variables and name not in ours:
            raise FmuError(f"The FMU has another variable '{name}'. Give that one another name, too.", variable=name)
    found = {}
    for variable in variables.values():
        name = ours.get(variable.name, variable.name)
        unit = renamings[name].unit if name in renamings else None
        shown = variable.display_unit if unit is None else None
        found[name] = replace(variable, name=name, unit=unit or variable.unit, display_unit=shown)
    return replace(
        description,
        variables=found,
        feedthrough=_renamed(description.feedthrough, ours),
        initial_dependencies=_renamed(description.initial_dependencies, ours),
        ports=find_ports(found),
    )


def _without_time(renamings: Mapping[str, Renaming], variables: Mapping[str, Variable]) -> Mapping[str, Renaming]:
    theirs = variables.get(renamings[TIME].name) if TIME in renamings else None
    if theirs is not None and theirs.causality not in (Causality.INDEPENDENT, Causality.LOCAL):  # local: FMI 1.0
        raise FmuError(f"'{theirs.name}' is not the FMU's time, but {theirs.causality.value}.", variable=TIME)
    return {name: renaming for name, renaming in renamings.items() if name != TIME}


def _renamed(dependencies: Mapping[str, frozenset[str]], ours: Mapping[str, str]) -> dict[str, frozenset[str]]:
    def names(theirs: Iterable[str]) -> frozenset[str]:
        return frozenset(ours.get(name, name) for name in theirs)

    return {ours.get(name, name): names(inputs) for name, inputs in dependencies.items()}
