"""What a reader of the result would check: expectations bound to variables, then evaluated on trajectories."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks, to_seconds
from cosim.execution.outcome import Outcome
from cosim.scenario.expressions import parse_name, parse_port
from cosim.scenario.lookup import Lookup
from cosim.scenario.model import ExpectationEntry, ExpectationFunction
from cosim.system.experiment import Operator
from cosim.system.nearest import nearest
from cosim.system.stream import PortDirection, PortName, Stream
from cosim.system.variable import VariableName
from cosim.units import duration_ticks, parse_quantity, read_unit, times_seconds

Read = Callable[[VariableName], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Returns times [s] (n,) and values (n,) of a recorded variable, in its own unit."""

_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """A bound expectation; ``limit`` is in the unit in which the value is computed.

    ``factor`` and ``unit`` turn the value into the unit the user wrote, for showing.
    """

    text: str
    function: ExpectationFunction
    operator: Operator
    limit: float
    unit: str
    factor: float = 1.0
    offset: float = 0.0
    variable: VariableName | None = None
    time: Ticks | None = None
    phase: str | None = None
    species: str = ""
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Streams, written ``a.out => b.in``, whose amounts a yield compares."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an expectation holds; ``value`` is in ``unit``, None when the run gives no value."""

    text: str
    holds: bool
    value: float | None
    unit: str
    reason: str = ""


def bind_expectations(
    entries: Sequence[ExpectationEntry],
    streams: Sequence[Stream],
    phases: Sequence[str],
    lookup: Lookup,
    *,
    latest: Ticks | None = None,
) -> tuple[Expectation, ...]:
    """Look up what expectations name and convert their limits; ``latest`` is when the run ends at the latest."""
    bound = []
    for entry in entries:
        found = _yield(entry, streams, lookup) if entry.function == "yield" else _of_variable(entry, phases, lookup)
        if found is not None:
            bound.append(found)
            if found.time is not None and latest is not None and found.time > latest:
                lookup.problems.add(
                    f"'{entry.text}' looks at {format_ticks(found.time)}, and the run ends at {format_ticks(latest)} "
                    "at the latest. Choose an earlier time.",
                    entry.origin,
                )
    return tuple(bound)


def _of_variable(entry: ExpectationEntry, phases: Sequence[str], lookup: Lookup) -> Expectation | None:
    problems = lookup.problems
    name = problems.attempt(lambda: parse_name(entry.arguments[0], entry.origin), entry.origin)
    variable = lookup.numeric(name, entry.origin) if name else None
    if name is None or variable is None:
        return None
    time, phase = None, None
    if entry.function == "at":
        time = problems.attempt(lambda: duration_ticks(entry.arguments[1]), entry.origin)
        if time is None:
            return None
    elif len(entry.arguments) == 2:
        phase = entry.arguments[1]
        if phase not in phases:
            problems.add(f"There is no phase '{phase}'.{nearest(phase, phases)}", entry.origin)
            return None
    unit = variable.unit or "1"
    computed_in = times_seconds(unit) if entry.function == "integral" else unit
    limit = problems.attempt(
        lambda: _limit(entry.right, computed_in, variable.unit is None, lookup),
        entry.origin,
        f"Cannot compare {entry.function}({name}) with '{entry.right}': ",
    )
    if limit is None:
        return None
    written = parse_quantity(entry.right).unit or "1"
    factor, offset = _to_written(computed_in, written, lookup) if variable.unit is not None else (1.0, 0.0)
    return Expectation(
        entry.text,
        entry.function,
        entry.operator,
        limit,
        written,
        factor,
        offset,
        variable=name,
        time=time,
        phase=phase,
    )


def _limit(text: str, unit: str, is_unitless: bool, lookup: Lookup) -> float:
    quantity = parse_quantity(text)
    if is_unitless and not quantity.unit:
        return float(quantity.value)
    return quantity.to(unit, aliases=lookup.aliases)


def _to_written(source: str, written: str, lookup: Lookup) -> tuple[float, float]:
    a, b = read_unit(source), read_unit(written, lookup.aliases)
    return float(a.factor / b.factor), float((a.offset - b.offset) / b.factor)


def _yield(entry: ExpectationEntry, streams: Sequence[Stream], lookup: Lookup) -> Expectation | None:
    """Bind yield(species, from, to): the amount through port ``to`` per amount through port ``from``."""
    species, *texts = entry.arguments
    names: list[tuple[str, ...]] = []
    for text in texts:
        port = lookup.problems.attempt(lambda text=text: parse_port(text, entry.origin), entry.origin)  # type: ignore[misc]
        found = lookup.port(port, entry.origin) if port else None
        if port is None or found is None:
            return None
        if species not in found.species:
            hint = nearest(species, found.species)
            lookup.problems.add(f"{port} carries no '{species}'.{hint}", entry.origin)
            return None
        passing = tuple(stream.name for stream in streams if _passes(stream, port, found.direction))
        if not passing:
            lookup.problems.add(f"No stream passes {port}, so that '{entry.text}' has no value.", entry.origin)
            return None
        names.append(passing)
    limit = lookup.problems.attempt(lambda: parse_quantity(entry.right).to("1"), entry.origin)
    if limit is None:
        return None
    unit = parse_quantity(entry.right).unit or "1"
    factor = float(1 / read_unit(unit).factor)
    return Expectation(
        entry.text, "yield", entry.operator, limit, unit, factor, species=species, sources=names[0], targets=names[1]
    )


def _passes(stream: Stream, port: PortName, direction: PortDirection) -> bool:
    return port == (stream.source if direction is PortDirection.OUTLET else stream.target)


def evaluate(expectations: Sequence[Expectation], read: Read, outcome: Outcome) -> tuple[Finding, ...]:
    """Compute each expectation's value; one that has no value in this run does not hold."""
    return tuple(_finding(expectation, read, outcome) for expectation in expectations)


def _finding(expectation: Expectation, read: Read, outcome: Outcome) -> Finding:
    value, reason = (
        _yield_value(expectation, outcome)
        if expectation.function == "yield"
        else _value_of_variable(expectation, read, outcome)
    )
    if value is None or not np.isfinite(value):
        return Finding(expectation.text, False, None, expectation.unit, reason or "the value is not a number")
    holds = _OPERATORS[expectation.operator](value, expectation.limit)
    shown = value * expectation.factor + expectation.offset
    return Finding(expectation.text, holds, shown, expectation.unit)


def _yield_value(expectation: Expectation, outcome: Outcome) -> tuple[float | None, str]:
    ledger = outcome.ledger.get(expectation.species)
    if ledger is None:
        return None, f"there is no ledger of {expectation.species}"
    sent = sum(ledger.streams.get(name, 0.0) for name in expectation.sources)
    received = sum(ledger.streams.get(name, 0.0) for name in expectation.targets)
    return (received / sent, "") if sent > 0 else (None, f"no {expectation.species} passed {expectation.sources[0]}")


def _value_of_variable(expectation: Expectation, read: Read, outcome: Outcome) -> tuple[float | None, str]:
    assert expectation.variable is not None
    times, values = read(expectation.variable)
    times, values = _within(expectation, times, values, outcome)
    if len(times) == 0:
        return None, "nothing was recorded"
    if expectation.function == "at":
        return _at(times, values, to_seconds(expectation.time or Ticks(0)))
    return _REDUCTIONS[expectation.function](times, values), ""


def _within(
    expectation: Expectation, times: NDArray[np.float64], values: NDArray[np.float64], outcome: Outcome
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if expectation.phase is None:
        return times, values
    inside = np.zeros(len(times), dtype=bool)
    slack = 0.5 / TICKS_PER_SECOND
    for record in outcome.phases:
        if record.phase == expectation.phase and record.step is None:
            inside |= (times >= to_seconds(record.start) - slack) & (times <= to_seconds(record.end) + slack)
    return times[inside], values[inside]


def _at(times: NDArray[np.float64], values: NDArray[np.float64], time: float) -> tuple[float | None, str]:
    if not times[0] <= time <= times[-1]:
        return None, f"the record spans {times[0]:g} s to {times[-1]:g} s"
    return float(np.interp(time, times, values)), ""


def _integral(times: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    return float(np.sum(np.diff(times) * (values[1:] + values[:-1]) / 2))


def _mean(times: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    span = float(times[-1] - times[0])
    return _integral(times, values) / span if span > 0 else float(values[-1])


_REDUCTIONS: Final[Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]]] = {
    "final": lambda times, values: float(values[-1]),
    "min": lambda times, values: float(np.min(values)),
    "max": lambda times, values: float(np.max(values)),
    "mean": _mean,
    "integral": _integral,
}
