"""Responses as written → measures told in a unit, with limits in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cosim.errors import StructureError
from cosim.scenario.bind import Bound
from cosim.scenario.document import Scalar
from cosim.scenario.measures import Measure, in_unit
from cosim.scenario.reading import Problems
from cosim.study.model import ResponseEntry
from cosim.study.problem import GOALS, Goal, Response
from cosim.system.nearest import nearest
from cosim.system.structure import SystemStructure
from cosim.units import UnitDefinition, parse_quantity, read_unit

_MOMENTS = ("time", "start", "end", "duration")
_NO_ALIASES: Mapping[str, UnitDefinition] = {}


def bind_responses(entries: Sequence[ResponseEntry], bound: Bound, problems: Problems) -> tuple[Response, ...]:
    """Bind ``entries``, whose measures ``bound`` holds in the same order."""
    found = []
    for entry, measure in zip(entries, bound.measures, strict=True):
        if measure is None:
            continue
        response = problems.attempt(
            lambda entry=entry, measure=measure: _response(entry, measure, bound),  # type: ignore[misc]
            entry.origin,
            f"Response '{entry.name}': ",
        )
        if response is not None:
            found.append(response)
    return tuple(found)


def _response(entry: ResponseEntry, measure: Measure, bound: Bound) -> Response:
    unit = _unit(entry, measure, bound.structure)
    told = in_unit(measure, unit, _NO_ALIASES)
    limits = [_limit(written, unit) for written in (entry.at_least, entry.at_most)]
    low, high = limits
    if low is not None and high is not None and not low < high:
        raise StructureError("its 'at_least' is not below its 'at_most'.")
    return Response(entry.name, told, low, high, entry.origin, goal_of(entry), entry.may_lack)


def goal_of(entry: ResponseEntry) -> Goal | None:
    """Return whether the response should be small or large, None where neither is said.

    Raises
    ------
    StructureError
        When something else is.
    """
    if entry.goal is None:
        return None
    written = entry.goal.text
    for goal in GOALS:
        if written == goal:
            return goal
    raise StructureError(f"its 'goal' is '{written}'; it is minimise or maximise.{nearest(written, GOALS)}")


def _unit(entry: ResponseEntry, measure: Measure, structure: SystemStructure) -> str:
    """Return the unit written, that of a limit, or the one in which the variable is shown."""
    if entry.unit is not None:
        return entry.unit.text
    for written in (entry.at_least, entry.at_most):
        if written is not None and parse_quantity(written.text).unit:
            return parse_quantity(written.text).unit
    if measure.function in _MOMENTS:
        return "h"
    if measure.variable is None or measure.function == "integral":
        return measure.unit
    variable = structure.components[measure.variable.component].description.variables[measure.variable.variable]
    return variable.display_unit or measure.unit


def _limit(written: Scalar | None, unit: str) -> float | None:
    if written is None:
        return None
    quantity = parse_quantity(written.text)
    if not quantity.unit and any(read_unit(unit).dimension):
        raise StructureError(f"its limit '{written.text}' has no unit. Write one that fits [{unit}].")
    return quantity.to(unit)
