"""What one number of a run is: bound to variables, phases or streams, then computed from trajectories and outcome."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks, to_seconds
from cosim.errors import StructureError
from cosim.execution.outcome import Outcome
from cosim.scenario.document import Scalar
from cosim.scenario.expressions import parse_condition, parse_name, parse_port
from cosim.scenario.lookup import Lookup
from cosim.scenario.model import MeasureEntry, MeasureFunction
from cosim.system.experiment import Operator
from cosim.system.nearest import nearest
from cosim.system.stream import PortDirection, PortName, Stream
from cosim.system.variable import Variable, VariableName, VariableType
from cosim.units import UnitDefinition, duration_ticks, read_unit, times_seconds

Read = Callable[[VariableName], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Returns times [s] (n,) and values (n,) of a recorded variable, in its own unit."""

OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a run, computed in ``computed_in``; ``factor`` and ``offset`` turn it into ``unit``."""

    text: str
    function: MeasureFunction
    unit: str
    computed_in: str = ""
    """'' for a variable without a unit."""
    factor: float = 1.0
    offset: float = 0.0
    variable: VariableName | None = None
    time: Ticks | None = None
    phase: str | None = None
    operator: Operator | None = None
    threshold: float = 0.0
    """With ``operator``: when ``variable`` begins to be so, in its own unit."""
    species: str = ""
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Streams, written ``a.out => b.in``, whose amounts a yield compares."""
    step: str | None = None
    """Of ``phase``; None for the whole of it."""
    state: VariableName | None = None
    """What has to be ``threshold`` for an increase to count."""

    def shown(self, value: float) -> float:
        """Turn a computed ``value`` into one in ``unit``."""
        return value * self.factor + self.offset


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What measures refer to besides variables; ``latest`` is when the run ends at the latest."""

    streams: Sequence[Stream]
    phases: Mapping[str, Sequence[str]]
    """With the names of their steps."""
    latest: Ticks | None = None


def bind_measure(entry: MeasureEntry, around: Surroundings, lookup: Lookup) -> Measure | None:
    """Look up what ``entry`` names; None where that has a problem, which is noted."""
    if entry.function == "yield":
        return _yield(entry, around.streams, lookup)
    if entry.function in ("start", "end", "duration", "repetitions"):
        return _of_phase(entry, around, lookup)
    if entry.function == "increase":
        return _increase(entry, around, lookup)
    return _crossing(entry, lookup) if entry.function == "time" else _of_variable(entry, around, lookup)


def in_unit(measure: Measure, unit: str, aliases: Mapping[str, UnitDefinition]) -> Measure:
    """Return ``measure`` told in ``unit``.

    Raises
    ------
    StructureError
        When that is of another dimension.
    """
    if not measure.computed_in and unit == "1":
        return replace(measure, unit=unit)
    a, b = read_unit(measure.computed_in or "1"), read_unit(unit, aliases)
    if a.dimension != b.dimension or not measure.computed_in:
        raise StructureError(f"'{measure.text}' is in [{measure.computed_in or 'no unit'}], not in [{unit}].")
    factor, offset = float(a.factor / b.factor), float((a.offset - b.offset) / b.factor)
    return replace(measure, unit=unit, factor=factor, offset=offset)


def _numeric(entry: MeasureEntry, text: str, lookup: Lookup) -> tuple[VariableName, Variable] | None:
    name = lookup.problems.attempt(lambda: parse_name(text, entry.origin), entry.origin)
    variable = lookup.numeric(name, entry.origin) if name else None
    return None if name is None or variable is None else (name, variable)


def _of_variable(entry: MeasureEntry, around: Surroundings, lookup: Lookup) -> Measure | None:
    problems = lookup.problems
    found = _numeric(entry, entry.arguments[0], lookup)
    if found is None:
        return None
    name, variable = found
    time, phase = None, None
    if entry.function == "at":
        time = problems.attempt(lambda: duration_ticks(entry.arguments[1]), entry.origin)
        if time is None:
            return None
        _check_time(entry, time, around.latest, lookup)
    elif len(entry.arguments) == 2:
        phase = _phase(entry, entry.arguments[1], around, lookup)
        if phase is None:
            return None
    own = variable.unit or ""
    computed_in = times_seconds(own or "1") if entry.function == "integral" else own
    return Measure(entry.text, entry.function, computed_in or "1", computed_in, variable=name, time=time, phase=phase)


def _check_time(entry: MeasureEntry, time: Ticks, latest: Ticks | None, lookup: Lookup) -> None:
    if latest is not None and time > latest:
        lookup.problems.add(
            f"'{entry.text}' looks at {format_ticks(time)}, and the run ends at {format_ticks(latest)} "
            "at the latest. Choose an earlier time.",
            entry.origin,
        )


def _phase(entry: MeasureEntry, name: str, around: Surroundings, lookup: Lookup) -> str | None:
    if name in around.phases:
        return name
    lookup.problems.add(f"There is no phase '{name}'.{nearest(name, around.phases)}", entry.origin)
    return None


def _of_phase(entry: MeasureEntry, around: Surroundings, lookup: Lookup) -> Measure | None:
    phase = _phase(entry, entry.arguments[0], around, lookup)
    unit = "1" if entry.function == "repetitions" else "s"
    return None if phase is None else Measure(entry.text, entry.function, unit, unit, phase=phase)


def _increase(entry: MeasureEntry, around: Surroundings, lookup: Lookup) -> Measure | None:
    """Bind increase(a.total), increase(a.total, phase.step), increase(a.total, a.select = wash), or all of it."""
    found = _numeric(entry, entry.arguments[0], lookup)
    if found is None:
        return None
    name, variable = found
    measure = Measure(entry.text, "increase", variable.unit or "1", variable.unit or "", variable=name)
    for argument in entry.arguments[1:]:
        if measure.state is not None if "=" in argument else measure.phase is not None:
            lookup.problems.add(f"'{entry.text}' has two states or two phases. Leave one of them out.", entry.origin)
            return None
        limited = (_while if "=" in argument else _during)(entry, measure, argument, around, lookup)
        if limited is None:
            return None
        measure = limited
    return measure


def _during(
    entry: MeasureEntry, measure: Measure, argument: str, around: Surroundings, lookup: Lookup
) -> Measure | None:
    """Limit an increase to a phase, or a step of one."""
    name, _, step = argument.partition(".")
    phase = _phase(entry, name, around, lookup)
    if phase is None:
        return None
    if step and step not in around.phases[phase]:
        hint = nearest(step, around.phases[phase])
        lookup.problems.add(f"There is no step '{step}' in the phase '{phase}'.{hint}", entry.origin)
        return None
    return replace(measure, phase=phase, step=step or None)


def _while(
    entry: MeasureEntry, measure: Measure, argument: str, around: Surroundings, lookup: Lookup
) -> Measure | None:
    """Limit an increase to the time in which a variable has a value."""
    left, _, right = (part.strip() for part in argument.partition("="))
    found = _numeric(entry, left, lookup)
    if found is None:
        return None
    if found[1].type in (VariableType.FLOAT32, VariableType.FLOAT64):
        lookup.problems.add(
            f"'{entry.text}' compares {left}, a real number, which is hardly ever exactly '{right}'. Name one that is "
            "Boolean, whole or an enumeration.",
            entry.origin,
        )
        return None
    value = lookup.value(*found, Scalar(right, False, entry.origin), what=f"what '{entry.text}' compares with")
    return None if value is None else replace(measure, state=found[0], threshold=float(value))


def _crossing(entry: MeasureEntry, lookup: Lookup) -> Measure | None:
    """Bind time(reactor.glucose < 1 mmol/L): when that is so for the first time."""
    condition = lookup.problems.attempt(lambda: parse_condition(entry.arguments[0], entry.origin), entry.origin)
    variable = lookup.numeric(condition.left, entry.origin) if condition else None
    if condition is None or variable is None:
        return None
    if isinstance(condition.right, VariableName):
        lookup.problems.add(f"'{entry.text}' compares two variables. Compare one with a quantity.", entry.origin)
        return None
    threshold = lookup.number(condition.left, variable, condition.right, entry.origin)
    if threshold is None:
        return None
    return Measure(
        entry.text, "time", "s", "s", variable=condition.left, operator=condition.operator, threshold=threshold
    )


def _yield(entry: MeasureEntry, streams: Sequence[Stream], lookup: Lookup) -> Measure | None:
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
    return Measure(entry.text, "yield", "1", "1", species=species, sources=names[0], targets=names[1])


def _passes(stream: Stream, port: PortName, direction: PortDirection) -> bool:
    return port == (stream.source if direction is PortDirection.OUTLET else stream.target)


def value_of(measure: Measure, read: Read, outcome: Outcome) -> tuple[float | None, str]:
    """Compute ``measure`` in the unit it is computed in; None, with the reason, where the run gives no such value."""
    if measure.function == "yield":
        value, reason = _yield_value(measure, outcome)
    elif measure.function in ("start", "end", "duration", "repetitions"):
        value, reason = _value_of_phase(measure, outcome)
    elif measure.function == "increase":
        value, reason = _value_of_increase(measure, read, outcome)
    else:
        value, reason = _value_of_variable(measure, read, outcome)
    if value is None or not np.isfinite(value):
        return None, reason or "the value is not a number"
    return value, ""


def _yield_value(measure: Measure, outcome: Outcome) -> tuple[float | None, str]:
    ledger = outcome.ledger.get(measure.species)
    if ledger is None:
        return None, f"there is no ledger of {measure.species}"
    sent = sum(ledger.streams.get(name, 0.0) for name in measure.sources)
    received = sum(ledger.streams.get(name, 0.0) for name in measure.targets)
    return (received / sent, "") if sent > 0 else (None, f"no {measure.species} passed {measure.sources[0]}")


def _value_of_phase(measure: Measure, outcome: Outcome) -> tuple[float | None, str]:
    records = [record for record in outcome.phases if record.phase == measure.phase and record.step is None]
    if not records:
        return None, f"the phase '{measure.phase}' did not begin"
    if measure.function == "duration":
        return to_seconds(Ticks(sum(record.end - record.start for record in records))), ""
    if measure.function == "repetitions":
        return float(len(records)), ""
    edge = min(record.start for record in records) if measure.function == "start" else max(r.end for r in records)
    return to_seconds(Ticks(edge)), ""


def _value_of_increase(measure: Measure, read: Read, outcome: Outcome) -> tuple[float | None, str]:
    """Return by how much a total has grown, over the run or part of it, as far as it was in the state asked for."""
    assert measure.variable is not None
    times, values = read(measure.variable)
    if len(times) == 0:
        return None, "nothing was recorded"
    if measure.state is not None:
        state_times, states = read(measure.state)
        if len(state_times) == 0:
            return None, f"nothing was recorded of {measure.state}"
        # A step is in the state that is seen at its end: settings act after the sample at its beginning was taken.
        at_end = np.minimum(np.searchsorted(state_times, times[1:]), len(states) - 1)
        counted = np.where(states[at_end] == measure.threshold, np.diff(values), 0.0)
        values = np.concatenate([[0.0], np.cumsum(counted)])
    if measure.phase is None:
        return float(values[-1] - values[0]), ""
    records = [one for one in outcome.phases if (one.phase, one.step) == (measure.phase, measure.step)]
    spans = [(to_seconds(record.start), to_seconds(record.end)) for record in records]
    return float(sum(np.interp(end, times, values) - np.interp(start, times, values) for start, end in spans)), ""


def _value_of_variable(measure: Measure, read: Read, outcome: Outcome) -> tuple[float | None, str]:
    assert measure.variable is not None
    times, values = read(measure.variable)
    times, values = _within(measure, times, values, outcome)
    if len(times) == 0:
        return None, "nothing was recorded"
    if measure.function == "at":
        return _at(times, values, to_seconds(measure.time or Ticks(0)))
    if measure.function == "time":
        return _first_time(measure, times, values)
    return _REDUCTIONS[measure.function](times, values), ""


def _within(
    measure: Measure, times: NDArray[np.float64], values: NDArray[np.float64], outcome: Outcome
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if measure.phase is None:
        return times, values
    inside = np.zeros(len(times), dtype=bool)
    slack = 0.5 / TICKS_PER_SECOND
    for record in outcome.phases:
        if record.phase == measure.phase and record.step is None:
            inside |= (times >= to_seconds(record.start) - slack) & (times <= to_seconds(record.end) + slack)
    return times[inside], values[inside]


def _at(times: NDArray[np.float64], values: NDArray[np.float64], time: float) -> tuple[float | None, str]:
    if not times[0] <= time <= times[-1]:
        return None, f"the record spans {times[0]:g} s to {times[-1]:g} s"
    return float(np.interp(time, times, values)), ""


def _first_time(measure: Measure, times: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float | None, str]:
    """Return when the comparison first holds, linear between samples."""
    compare = OPERATORS[measure.operator or "<"]
    holding = np.flatnonzero(compare(values, measure.threshold))  # type: ignore[arg-type]
    if len(holding) == 0:
        return None, "that was never so"
    i = int(holding[0])
    if i == 0 or values[i] == values[i - 1]:
        return float(times[i]), ""
    share = (measure.threshold - values[i - 1]) / (values[i] - values[i - 1])
    return float(times[i - 1] + share * (times[i] - times[i - 1])), ""


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
