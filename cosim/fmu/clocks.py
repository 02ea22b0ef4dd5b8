"""Clocks of FMI 3.0 (FMI 3.0.1, 2.2.9): time-based ones are ticked by the importer, clocked variables move with them.

A clocked variable may be set and read only while one of its clocks is active. What is written to it is therefore held
until then, and what is read of it is what it was at the last tick; its start value before the first.
"""

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from xml.parsers import expat

from numpy.typing import NDArray

from cosim.fmu.calls import OK, WARNING, AbstractCalls, CallRefused, Transfer

PERIODIC: Final = ("constant", "fixed", "tunable")
APERIODIC: Final = ("changing", "countdown")
_NOT_YET_KNOWN, _CHANGED = 0, 2
"""Qualifiers of an interval."""
_PER_SECOND: Final = 1e9
"""Ticks are at whole nanoseconds, as communication points are."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock of an FMU; times in [s], None where the FMU has to be asked."""

    reference: int
    causality: str
    variability: str
    interval: float | None
    shift: float | None

    @property
    def is_time_based(self) -> bool:
        """True for what the importer ticks by time."""
        return self.variability in (*PERIODIC, *APERIODIC)

    @property
    def waits_for_others(self) -> bool:
        """True for an input that ticks when a clock of another FMU does."""
        return self.causality == "input" and not self.is_time_based


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The clocks of an FMU, and of each clocked variable's value reference those of its clocks."""

    clocks: tuple[Clock, ...]
    clocked: Mapping[int, frozenset[int]]
    starts: Mapping[int, float]
    """Start values of clocked variables."""


NO_CLOCKS: Final = ClockFacts((), {}, {})


def read_clocks(data: bytes) -> ClockFacts:
    """Read the clocks in ``data``, a modelDescription.xml that has been found sound; fmpy leaves out their times."""
    if b"<Clock" not in data:
        return NO_CLOCKS
    clocks: list[Clock] = []
    clocked: dict[int, frozenset[int]] = {}
    starts: dict[int, float] = {}

    def keep(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Clock" and "valueReference" in attributes:
            clocks.append(_clock(attributes))
        if "clocks" in attributes and "valueReference" in attributes:
            reference = int(attributes["valueReference"])
            clocked[reference] = frozenset(map(int, attributes["clocks"].split()))
            if tag not in ("String", "Binary", "Clock") and len(attributes.get("start", "").split()) == 1:
                text = attributes["start"]
                starts[reference] = float(text in ("true", "1")) if tag == "Boolean" else float(text)

    parser = expat.ParserCreate()
    parser.StartElementHandler = keep
    parser.Parse(data, True)
    return ClockFacts(tuple(clocks), clocked, starts)


def _clock(attributes: Mapping[str, str]) -> Clock:
    resolution = float(attributes.get("resolution", "0"))

    def time(name: str) -> float | None:
        stated = math.nan
        if f"{name}Decimal" in attributes:
            stated = float(attributes[f"{name}Decimal"])
        elif f"{name}Counter" in attributes and resolution > 0:
            stated = float(attributes[f"{name}Counter"]) / resolution
        return stated if 0 <= stated < math.inf else None

    interval = time("interval")
    shift = time("shift")
    return Clock(
        reference=int(attributes["valueReference"]),
        causality=attributes.get("causality", "local"),
        variability=attributes.get("intervalVariability", "triggered"),
        interval=interval,
        shift=0.0 if shift is None and interval is not None else shift,
    )


class Clocks:
    """Knows when the clocks of one instance tick next, and holds the values of clocked variables in between."""

    def __init__(self, calls: AbstractCalls, facts: ClockFacts) -> None:
        self._calls, self._facts = calls, facts
        self._timed = tuple(clock for clock in facts.clocks if clock.is_time_based)
        self._triggered = [clock.reference for clock in facts.clocks if clock.causality == "output"]
        self._next: dict[int, float] = {}
        self._intervals: dict[int, float] = {}
        self._active: frozenset[int] = frozenset()
        self._cells: dict[int, _Cell] = {}

    def begin(self, start: float) -> None:
        """Ask for intervals, at the end of Initialization Mode at ``start`` [s]."""
        self._next.clear()
        for clock in self._timed:
            interval = clock.interval
            if interval is None:
                interval, qualifier = self._interval(clock.reference)
                if qualifier == _NOT_YET_KNOWN:
                    self._next[clock.reference] = math.inf
                    continue
            self._intervals[clock.reference] = interval
            first = interval
            if clock.variability in PERIODIC:
                first = clock.shift if clock.shift is not None else self._shift(clock.reference)
            self._next[clock.reference] = _rounded(start + first)

    @property
    def next_tick(self) -> float:
        """The time of the next tick [s], infinite if none is known."""
        return min(self._next.values(), default=math.inf)

    def tick(self, time: float) -> None:
        """In Event Mode at ``time`` [s]: activate the clocks that are due, move the variables of all active ones."""
        due = [reference for reference, when in self._next.items() if when <= time]
        self._active = frozenset(due)
        if due:
            self._calls.call("fmi3SetClock", *_references(due), (ctypes.c_bool * len(due))(*[True] * len(due)))
        self._move()

    def settled(self, time: float) -> None:
        """After a round of event iteration at ``time`` [s]: find out when clocks tick next."""
        for clock in self._timed:
            reference = clock.reference
            has_ticked = reference in self._active
            if clock.variability == "countdown" or (clock.variability == "changing" and has_ticked):
                interval, qualifier = self._interval(reference)
                if qualifier == _CHANGED or (has_ticked and qualifier != _NOT_YET_KNOWN):
                    self._next[reference] = _rounded(time + interval)
                elif has_ticked or qualifier == _NOT_YET_KNOWN:
                    self._next[reference] = math.inf
            elif clock.variability == "tunable" and clock.interval is None:
                self._follow_tunable(reference, time, has_ticked=has_ticked)
            elif has_ticked:
                self._next[reference] = _rounded(self._next[reference] + self._intervals[reference])
        self._active = frozenset()

    def hold(self, transfer: Transfer, references: Sequence[int], parts: Sequence[Transfer]) -> Transfer:
        """Return ``transfer`` so that clocked variables among it move at ticks only; ``parts`` move one of it each."""
        held = _Held(transfer.buffer, [self._cell(*pair) for pair in zip(parts, references, strict=True)])
        return replace(transfer, get=held.read, set=held.write)

    def _cell(self, part: Transfer, reference: int) -> "Transfer | _Cell":
        clocks = self._facts.clocked.get(reference)
        if clocks is None:
            return part
        if reference not in self._cells:
            self._cells[reference] = _Cell(part, clocks, self._facts.starts.get(reference, 0.0))
        return self._cells[reference]

    def is_clocked(self, references: Sequence[int]) -> bool:
        """Tell whether any of ``references`` is a clocked variable."""
        return any(reference in self._facts.clocked for reference in references)

    def snapshot(self) -> object:
        """Return all that changes."""
        cells = {reference: (cell.move.buffer[0], cell.is_written) for reference, cell in self._cells.items()}
        return dict(self._next), dict(self._intervals), cells

    def restore(self, snapshot: object) -> None:
        """Go back to ``snapshot``."""
        assert isinstance(snapshot, tuple)
        self._next, self._intervals = dict(snapshot[0]), dict(snapshot[1])
        for reference, (value, is_written) in snapshot[2].items():
            cell = self._cells[reference]
            cell.move.buffer[0], cell.is_written = value, is_written

    def _move(self) -> None:
        active = self._active
        if self._triggered:
            states = (ctypes.c_bool * len(self._triggered))()
            self._calls.call("fmi3GetClock", *_references(self._triggered), states)
            active |= {reference for reference, state in zip(self._triggered, states, strict=True) if state}
        if active:
            for cell in sorted(self._cells.values(), key=lambda cell: not cell.is_written):  # inputs, then outputs
                if cell.clocks & active:
                    move = cell.move
                    status = (move.set if cell.is_written else move.get)(*move.arguments)
                    if status and status != WARNING:
                        raise CallRefused(move.set_name if cell.is_written else move.get_name, status)

    def _follow_tunable(self, reference: int, time: float, *, has_ticked: bool) -> None:
        interval, qualifier = self._interval(reference)
        self._intervals[reference] = interval
        if qualifier == _CHANGED:
            self._next[reference] = _rounded(time + interval)
        elif has_ticked:
            self._next[reference] = _rounded(self._next[reference] + interval)

    def _interval(self, reference: int) -> tuple[float, int]:
        interval, qualifier = ctypes.c_double(), ctypes.c_int(_NOT_YET_KNOWN)
        references = _references([reference])
        self._calls.call("fmi3GetIntervalDecimal", *references, ctypes.byref(interval), ctypes.byref(qualifier))
        if qualifier.value != _NOT_YET_KNOWN and not 0 <= interval.value < math.inf:
            raise CallRefused("fmi3GetIntervalDecimal", OK, f"It gives a clock the interval {interval.value!r} s.")
        return interval.value, qualifier.value

    def _shift(self, reference: int) -> float:
        shift = ctypes.c_double()
        self._calls.call("fmi3GetShiftDecimal", *_references([reference]), ctypes.byref(shift))
        if not 0 <= shift.value < math.inf:
            raise CallRefused("fmi3GetShiftDecimal", OK, f"It gives a clock the shift {shift.value!r} s.")
        return shift.value


class _Cell:
    """One clocked variable: ``move`` moves it alone, and its value is what was last written or is to be read."""

    def __init__(self, move: Transfer, clocks: frozenset[int], start: float) -> None:
        self.move, self.clocks, self.is_written = move, clocks, False
        self.move.buffer[0] = start


class _Held:
    """The variables of one transfer: clocked ones have cells, the others are moved one by one whenever it is asked."""

    def __init__(self, buffer: NDArray[Any], parts: Sequence[Transfer | _Cell]) -> None:
        self._buffer, self._parts = buffer, parts

    def read(self, *_: Any) -> int:
        for place, part in enumerate(self._parts):
            move = part.move if isinstance(part, _Cell) else part
            status = OK if isinstance(part, _Cell) else move.get(*move.arguments)
            if status and status != WARNING:
                return status
            self._buffer[place] = move.buffer[0]
        return OK

    def write(self, *_: Any) -> int:
        for place, part in enumerate(self._parts):
            move = part.move if isinstance(part, _Cell) else part
            move.buffer[0] = self._buffer[place]
            if isinstance(part, _Cell):
                part.is_written = True
                continue
            status = move.set(*move.arguments)
            if status and status != WARNING:
                return status
        return OK


def _references(references: Sequence[int]) -> tuple[Any, ctypes.c_size_t]:
    return (ctypes.c_uint * len(references))(*references), ctypes.c_size_t(len(references))


def _rounded(time: float) -> float:
    return round(time * _PER_SECOND) / _PER_SECOND
