"""What is named and given when a scenario is stepped by hand: variables, values, moments, and what may be set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Final

from cosim.clock import Ticks, to_ticks
from cosim.errors import RequestError
from cosim.execution.layout import port_of, wires_of
from cosim.scenario.bind import Bound
from cosim.scenario.document import Scalar
from cosim.scenario.lookup import check_direction, convert_number, convert_value
from cosim.system.checking import may_change
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.ports import content_variable, flow_variable
from cosim.system.structure import SystemStructure
from cosim.system.variable import Causality, Variable, VariableName
from cosim.units import duration_ticks

_LATEST: Final = Ticks(1 << 62)
"""Later than any scenario lasts: 146 years."""


def find(structure: SystemStructure, name: str) -> tuple[VariableName, Variable]:
    """Return the numeric scalar called ``name``, as in ``component.variable``; a stream port stands for its flow.

    Raises
    ------
    RequestError
        When there is none.
    """
    if not isinstance(name, str):
        raise RequestError(f"A variable is named by a text such as 'reactor.volume', not by {name!r}.")
    component, _, variable = name.partition(".")
    if component not in structure.components:
        hint = nearest(component, structure.components)
        raise RequestError(f"There is no component '{component}'.{hint}", component=component)
    description = structure.components[component].description
    variables = description.variables
    if not variable:
        example = next(iter(variables), "variable")
        raise RequestError(f"'{name}' names no variable. Write one as in '{component}.{example}'.", component=component)
    if variable in description.ports and variable not in variables:
        variable = flow_variable(description.ports[variable])
    if variable not in variables:
        hint = nearest(variable, [*description.ports, *variables])
        text = f"There is no variable '{variable}' in '{component}'.{hint}"
        raise RequestError(text, component=component, variable=variable)
    found = variables[variable]
    if found.shape or not found.type.is_numeric:
        kind = "an array" if found.shape else f"of type {found.type.value}"
        text = f"{component}.{variable} is {kind}, which is not a single number."
        raise RequestError(text, component=component, variable=variable)
    return VariableName(component, variable), found


def is_bookkeeping(name: str) -> bool:
    """Tell whether the variable ``name`` belongs to a port or the ledger, which are of no interest by themselves."""
    return "." in name or name.endswith("_total") or name.startswith("held_")


def number_of(description: ComponentDescription, variable: Variable, value: str | float) -> float:
    """Return ``value``, a quantity or a number, as a number in the unit of ``variable``.

    Raises
    ------
    StructureError
        Saying what the variable expects.
    """
    if not isinstance(value, str):
        return float(convert_number(description, variable, value))
    number = float(convert_value(variable, Scalar(value.strip(), False, None), {}))
    check_direction(description, variable, number, value.strip())
    return number


def moment(time: str | float) -> Ticks:
    """Return simulated ``time``, a quantity such as ``"3 d"`` or a number of [s].

    Raises
    ------
    RequestError, StructureError
        When it is no time, or before the beginning.
    """
    if isinstance(time, str):
        ticks = duration_ticks(time)
    elif isinstance(time, Real) and not isinstance(time, bool) and not math.isnan(time):
        ticks = to_ticks(min(max(float(time), -1.0), _LATEST / 1e9))
    else:
        raise RequestError(f"A time is a number of seconds or a quantity such as '3 d', not {time!r}.")
    if ticks < 0:
        raise RequestError(f"Cannot run until {time}: that is before the beginning. Times count from there.")
    return min(ticks, _LATEST)


def drivers(bound: Bound) -> dict[VariableName, str]:
    """Return what drives inputs all the time."""
    structure = bound.structure
    found = {wire.target: f"the connection from {wire.source}" for wire in wires_of(structure)}
    found |= {signal.target: "recorded data" for signal in bound.experiment.signals}
    for stream in structure.streams:
        if stream.target is not None:
            inlet = port_of(structure, stream.target)
            names = [
                flow_variable(inlet),
                f"{inlet.name}.T",
                *(content_variable(inlet, item) for item in inlet.species),
            ]
            text = f"the stream from {stream.source}"
            found |= {VariableName(stream.target.component, name): text for name in names}
    return found


def settable(bound: Bound, driven: Mapping[VariableName, str]) -> tuple[VariableName, ...]:
    """Return what may be set by hand; parameters whose value nobody tells are left alone until then."""
    names = [
        VariableName(component.name, variable.name)
        for component in bound.structure.components.values()
        for variable in component.description.variables.values()
        if may_change(variable) and variable.type.is_numeric and not variable.shape
        if variable.causality is Causality.INPUT
        or variable.start is not None
        or variable.name in bound.experiment.start_values.get(component.name, {})
    ]
    return tuple(name for name in names if name not in driven)
