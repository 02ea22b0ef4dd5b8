"""The phases of a batch as a Gantt chart: all on one scale, and each phase with steps magnified below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cosim.clock import TICKS_PER_SECOND, to_seconds
from cosim.execution.outcome import PhaseRecord
from cosim.results.display import duration, number

WIDTH: Final = 1100.0
LABEL_WIDTH: Final = 134.0
_RIGHT: Final = 12.0
_ROW: Final = 30.0
_BAR: Final = 20.0
_STRIP: Final = 30.0
_LENS: Final = 26.0
_MOST_LENSES: Final = 2
"""Lenses that can be told apart; with more strips the colour of the phase has to do."""
_SHORTEST: Final = 2.0
"""Width below which a bar would vanish."""
_LETTER: Final = 5.6
"""Width of a letter of a label, to tell whether it fits."""
_FEWEST_LETTERS: Final = 5
N_COLOURS: Final = 8
_UNITS: Final = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
_STEPS: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Span:
    """A phase, a cycle or a step from ``start`` to ``end`` [s]; ``colour`` is 0…N_COLOURS-1."""

    phase: str
    step: str | None
    cycle: int
    start: float
    end: float
    ended_by: str
    colour: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A span with its place; ``label`` is '' where there is no room."""

    span: Span
    x: float
    y: float
    width: float
    height: float
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on a time axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A phase magnified: its bars, cycle marks, axis and the lens from the bar above, '' among many."""

    phase: str
    y: float
    height: float
    bars: tuple[Bar, ...]
    cycles: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    lens: str
    unit: str
    colour: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything placed."""

    height: float
    rows: tuple[tuple[str, Bar], ...]
    ticks: tuple[Tick, ...]
    axis_y: float
    unit: str
    strips: tuple[Strip, ...]


def spans(records: Sequence[PhaseRecord]) -> tuple[list[Span], list[Span]]:
    """Return the phases, each as one span, and the steps (or cycles, for phases without steps) in order of time."""
    names = list(dict.fromkeys(record.phase for record in sorted(records, key=lambda record: record.start)))
    phases, parts = [], []
    for index, name in enumerate(names):
        mine = [record for record in records if record.phase == name]
        start, end = min(record.start for record in mine), max(record.end for record in mine)
        whole = [record for record in mine if record.step is None]
        ended_by = whole[-1].ended_by if whole else ""
        phases.append(Span(name, None, 0, to_seconds(start), to_seconds(end), ended_by, index % N_COLOURS))
        steps = [record for record in mine if record.step is not None]
        parts += _parts(steps or (whole if len(whole) > 1 else []))
    return phases, sorted(parts, key=lambda span: span.start)


def _parts(records: Sequence[PhaseRecord]) -> list[Span]:
    kinds = list(dict.fromkeys(record.step for record in sorted(records, key=lambda record: record.start)))
    return [
        Span(
            record.phase,
            record.step or f"cycle {record.cycle}",
            record.cycle,
            to_seconds(record.start),
            to_seconds(record.end),
            record.ended_by,
            kinds.index(record.step) % N_COLOURS,
        )
        for record in records
    ]


def timeline(records: Sequence[PhaseRecord]) -> Timeline | None:
    """Place the phases and steps of a run; None when it had none."""
    phases, parts = spans(records)
    if not phases:
        return None
    start, end = min(span.start for span in phases), max(span.end for span in phases)
    scale = TimeScale(start, max(end - start, 1e-9))
    rows = []
    for row, span in enumerate(phases):
        rows.append((span.phase, _bar(span, scale, 4 + row * _ROW, _BAR, is_inside=False)))
    axis_y = 4 + len(phases) * _ROW
    unit, ticks = scale.ticks(axis_y)
    y = axis_y + 30
    strips = []
    for name, bar in rows:
        mine = [span for span in parts if span.phase == name]
        if mine:
            strips.append(_strip(name, mine, bar, y))
            y += _LENS + _STRIP + 40
    if len(strips) > _MOST_LENSES:
        strips = [replace(strip, lens="") for strip in strips]
    return Timeline(y - (10 if strips else 0), tuple(rows), tuple(ticks), axis_y, unit, tuple(strips))


def _strip(name: str, steps: Sequence[Span], above: Bar, y: float) -> Strip:
    start, end = min(span.start for span in steps), max(span.end for span in steps)
    scale = TimeScale(start, max(end - start, 1e-9))
    top = y + _LENS
    bars = tuple(_bar(span, scale, top, _STRIP, is_inside=True) for span in steps)
    unit, ticks = scale.ticks(top + _STRIP + 2, origin=start)
    cycles = _cycles(steps, scale, top)
    left, right = scale.x(start), scale.x(end)
    foot = above.y + above.height
    corners = ((above.x, foot), (above.x + above.width, foot), (right, top), (left, top))
    lens = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in corners) + " Z"
    return Strip(name, top, _STRIP, bars, cycles, tuple(ticks), lens, unit, above.span.colour)


def _cycles(steps: Sequence[Span], scale: TimeScale, top: float) -> tuple[Tick, ...]:
    """Mark where each cycle begins, when there are several with several steps and room to say so."""
    begins: dict[int, float] = {}
    for span in steps:
        begins.setdefault(span.cycle, span.start)
    if len(begins) < 2 or len(begins) == len(steps):
        return ()
    width = (WIDTH - LABEL_WIDTH) / len(begins)
    return tuple(
        Tick(scale.x(start), top - 5, f"cycle {cycle}" if width > 60 else str(cycle) if width > 22 else "")
        for cycle, start in begins.items()
    )


def _bar(span: Span, scale: TimeScale, y: float, height: float, *, is_inside: bool) -> Bar:
    x, width = scale.x(span.start), max(scale.width(span.end - span.start), _SHORTEST)
    length = duration(round((span.end - span.start) * TICKS_PER_SECOND))
    title = f"{span.phase}{'' if span.step is None else ' · ' + span.step}"
    if is_inside and span.step is not None and not span.step.startswith("cycle "):
        title += f" · cycle {span.cycle}"
    title += f"\n{length}" + (f"\nended by: {span.ended_by}" if span.ended_by else "")
    name = span.step or length
    return Bar(span, x, y, width, height, _fitting(name, width) if is_inside else name, title)


def _fitting(name: str, width: float) -> str:
    """Return as much of ``name`` as ``width`` has room for, '' when that says too little."""
    room = int((width - 5) / _LETTER)
    if len(name) <= room:
        return name
    return f"{name[: room - 1]}…" if room >= _FEWEST_LETTERS else ""


class TimeScale:
    """Maps seconds to the drawing's width."""

    def __init__(self, start: float, span: float) -> None:
        self._start = start
        self._span = span
        self._per_second = (WIDTH - LABEL_WIDTH - _RIGHT) / span

    def x(self, time: float) -> float:
        """Return the place of ``time`` [s]."""
        return LABEL_WIDTH + (time - self._start) * self._per_second

    def width(self, length: float) -> float:
        """Return the width of a ``length`` [s]."""
        return length * self._per_second

    def ticks(self, y: float, origin: float = 0.0) -> tuple[str, list[Tick]]:
        """Return the unit of the axis and about ten round marks, counted from ``origin`` [s]."""
        unit, size = time_unit(self._span)
        distance = _round_up(self._span / size / 12) * size
        first = -(-(self._start - origin) // distance)
        marks = []
        while (time := origin + first * distance) <= self._start + self._span * (1 + 1e-9):
            marks.append(Tick(self.x(time), y, number((time - origin) / size, 4)))
            first += 1
        return unit, marks


def time_unit(span: float) -> tuple[str, float]:
    """Return the unit, and its size [s], in which ``span`` [s] is best told."""
    return next(((name, size) for name, size in _UNITS if span >= 3 * size), _UNITS[-1])


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5 × 10ⁿ."""
    power = 10.0 ** _exponent(value)
    return next((step * power for step in _STEPS if step * power >= value * (1 - 1e-9)), 10 * power)


def _exponent(value: float) -> int:
    import math

    return math.floor(math.log10(value)) if value > 0 else 0


def activity(
    run_phases: Sequence[Mapping[str, object]], records: Sequence[PhaseRecord]
) -> dict[str, list[tuple[float, float]]]:
    """Return per component the spans of time [s] in which it was active."""
    active: dict[str, list[tuple[float, float]]] = {}
    when: dict[str, list[tuple[float, float]]] = {}
    for record in records:
        when.setdefault(record.phase, []).append((to_seconds(record.start), to_seconds(record.end)))
    for phase in run_phases:
        components = phase.get("active", [])
        for name in components if isinstance(components, list) else []:
            active.setdefault(name, []).extend(when.get(str(phase.get("name")), []))
    return {name: sorted(found) for name, found in active.items()}
