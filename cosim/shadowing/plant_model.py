"""The true model of a virtual plant behind its instruments: stepped, disturbed, operated, read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cosim.clock import Ticks, to_ticks
from cosim.errors import CosimError, RequestError, ScenarioError, raise_all
from cosim.live.fault import Fault, FaultScript, Kind
from cosim.live.instruments import Instruments, Reading
from cosim.live.tag import Tag
from cosim.opened import OpenExecution
from cosim.units import Conversion, conversion


@dataclass(frozen=True, slots=True)
class Publication:
    """What the instruments report at ``time``, in ``phase``."""

    time: Ticks
    phase: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """A variable of the model behind a tag: name, and how to convert there and back."""

    name: str
    shown: Conversion
    given: Conversion


class PlantModel:
    """An open execution that instruments read and operators and faults disturb.

    Raises
    ------
    CosimError
        When tags or faults name what the scenario does not have; all problems at once.
    """

    def __init__(self, execution: OpenExecution, tags: Mapping[str, Tag], script: FaultScript) -> None:
        self._execution, self._faults = execution, script.faults
        self._sources = _sources(execution, tags)
        self._tags = {name: tag for name, tag in tags.items() if name in self._sources}
        self._instruments = Instruments(self._tags, script)
        self._changes = _changes(script)
        self._held: dict[str, list[Fault]] = {}
        self._wanted: dict[str, str | float] = {}
        self._ahead: list[Publication] = []
        _check(execution, self._sources, script)

    @property
    def is_over(self) -> bool:
        """True when the batch has ended and all is reported."""
        return self._execution.is_over and not self._ahead

    def has(self, tag: str, kind: Kind) -> bool:
        """Tell whether a fault of ``kind`` is on at ``tag``."""
        now = to_ticks(self._execution.time)
        return any(fault.kind is kind and fault.tag == tag and fault.is_on(now) for fault in self._faults)

    def is_set_point(self, tag: str) -> bool:
        """Tell whether writing ``tag`` changes the model."""
        return tag in self._sources and self._tags[tag].is_writable

    def set_point(self, tag: str) -> float:
        """Return where a set-point is, in the tag's unit."""
        return self._value(tag)

    def operate(self, tag: str, value: float) -> None:
        """Let an operator write ``value`` to a set-point, in the tag's unit, from now on."""
        source = self._sources[tag]
        self._want(source.name, value * source.given.factor + source.given.offset)

    def advance(self, until: Ticks) -> Iterator[Publication]:
        """Go on to ``until`` and yield what is reported on the way."""
        while not self._execution.is_over and self._next() <= until:
            self._go_to(self._next())
        while self._ahead and self._ahead[0].time <= until:
            yield self._ahead.pop(0)

    def _next(self) -> Ticks:
        read = self._instruments.next_time()
        return min(read, self._changes[0][0]) if self._changes else read

    def _go_to(self, time: Ticks) -> None:
        """Go to the communication point at or after ``time``; change what is due, read what is due."""
        if to_ticks(self._execution.time) < time:
            self._execution.run_until(time / 1e9)
        now = max(to_ticks(self._execution.time), time)
        while self._changes and self._changes[0][0] <= now:
            _, begins, fault = self._changes.pop(0)
            self._change(fault, begins=begins)
        true = {name: self._value(name) for name in self._instruments.due(now)}
        readings = self._instruments.read(now, true)
        self._ahead.append(Publication(now, self._execution.phase, tuple(readings)))

    def _value(self, name: str) -> float:
        """Return what a perfect instrument would show; NaN while there is nothing to measure."""
        source = self._sources[name]
        try:
            value = self._execution[source.name]
            if source.name in self._held and self._tags[name].is_writable:  # the set-point stays, whatever fails
                value = float(self._wanted[source.name])
        except RequestError:
            return math.nan
        return value * source.shown.factor + source.shown.offset

    def _change(self, fault: Fault, *, begins: bool) -> None:
        if fault.kind is Kind.OPERATE:
            self.operate(fault.tag, fault.size)
            return
        for name in fault.settings:
            if begins and name not in self._held:
                self._wanted[name] = self._execution[name]
            holding = self._held.setdefault(name, [])
            holding.append(fault) if begins else holding.remove(fault)
            if not holding:
                del self._held[name]
            self._execution[name] = holding[-1].settings[name] if holding else self._wanted[name]

    def _want(self, name: str, value: float) -> None:
        self._wanted[name] = value
        if name not in self._held:
            self._execution[name] = value


def _sources(execution: OpenExecution, tags: Mapping[str, Tag]) -> dict[str, _Source]:
    """Return the variable behind each tag that has one."""
    problems: list[CosimError] = []
    found = {}
    for tag in tags.values():
        if not tag.source:
            continue
        try:
            unit = execution.variable(tag.source).unit
            found[tag.name] = _Source(tag.source, conversion(unit, tag.unit), conversion(tag.unit, unit))
        except CosimError as error:
            text = f"Tag '{tag.name}' of the plant: {error.message}"
            problems.append(ScenarioError(text, location=tag.origin))
    raise_all(problems)
    return found


def _check(execution: OpenExecution, sources: Mapping[str, _Source], script: FaultScript) -> None:
    """Make sure that everything that will be set can be."""
    problems: list[CosimError] = []
    for fault in script.faults:
        names = [*fault.settings]
        if fault.kind is Kind.OPERATE and fault.tag not in sources:
            text = f"'{fault.tag}' has no variable of the plant behind it. Give it 'plant: component.variable'."
            problems.append(ScenarioError(text, location=fault.origin))
        for name in names:
            try:
                execution.check_settable(name, fault.settings[name])
            except CosimError as error:
                problems.append(ScenarioError(error.message, location=fault.origin))
    raise_all(problems)


def _changes(script: FaultScript) -> list[tuple[Ticks, bool, Fault]]:
    """Return when faults of the model begin (True) and end (False)."""
    changes = []
    for fault in script.faults:
        if fault.kind in (Kind.SET, Kind.OPERATE):
            changes.append((fault.start, True, fault))
            if fault.kind is Kind.SET and fault.duration is not None:
                changes.append((Ticks(fault.start + fault.duration), False, fault))
    return sorted(changes, key=lambda change: change[:2])


def default_tags(execution: OpenExecution, every: Ticks) -> dict[str, Tag]:
    """Return a tag for each plain output of the scenario, and a set-point for each input that can be set."""
    from cosim.live.tag import Use, by_name

    found = {}
    for name, variable, is_input in execution.exposed():
        unit = variable.unit or "1"
        low, high = variable.minimum, variable.maximum
        is_writable = is_input and low is not None and high is not None
        if is_input and not is_writable:
            continue
        use = Use.NOTHING if is_input else Use.MEASURES
        tag = Tag(name, by_name(name), unit, use, "" if is_input else name, name, every, is_writable=is_writable)
        found[name] = replace(tag, low=low, high=high) if is_writable else tag
    return found
