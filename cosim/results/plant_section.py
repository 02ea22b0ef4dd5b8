"""What a plant did beside its twin, as a section of a report: measured, estimated with its band, forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np

from cosim.results.decimation import keep_extremes
from cosim.results.display import number, pretty_unit
from cosim.results.drawing import Axis, bottom_axis, nice_ticks, svg, text

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 560.0, 250.0, 58.0, 10.0, 12.0, 44.0
_MOST: Final = 600
"""Points of a line."""
_DAY: Final = 86_400.0


@dataclass(slots=True)
class Line:
    """Values (n,) at times [s], with the ends of an interval where there is one."""

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, time: float, value: float, low: float = math.nan, high: float = math.nan) -> None:
        """Add a point; one that is not finite is none."""
        if math.isfinite(value):
            for values, one in zip(
                (self.times, self.values, self.low, self.high), (time, value, low, high), strict=True
            ):
                values.append(one)

    def thinned(self) -> Line:
        """Return as many points as one can see."""
        kept = keep_extremes(np.array(self.values), _MOST).tolist()
        return Line(*([values[i] for i in kept] for values in (self.times, self.values, self.low, self.high)))


@dataclass(frozen=True, slots=True)
class PlantChart:
    """One quantity in ``unit``: what instruments showed, the laboratory found, twin, estimate and forecast say."""

    name: str
    unit: str
    shown: Line = field(default_factory=Line)
    samples: Line = field(default_factory=Line)
    twin: Line = field(default_factory=Line)
    estimate: Line = field(default_factory=Line)
    forecast: Line = field(default_factory=Line)
    forecast_made: str = ""

    @property
    def drawing(self) -> str:
        """The chart as SVG; times in days."""
        return _drawn(self)


@dataclass(frozen=True, slots=True)
class PlantAlert:
    """What was called attention to: since when, until when ('' where it lasts), about what, in which words."""

    begun: str
    over: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class PlantSection:
    """All of it; ``health`` are shares of the time by word, empty where nothing was estimated."""

    charts: Sequence[PlantChart]
    alerts: Sequence[PlantAlert] = ()
    health: Sequence[tuple[str, float]] = ()


def _drawn(chart: PlantChart) -> str:
    lines = [chart.shown, chart.samples, chart.twin, chart.estimate, chart.forecast]
    times = [time / _DAY for line in lines for time in line.times]
    values = [value for line in lines for value in (*line.values, *line.low, *line.high) if math.isfinite(value)]
    if not values:
        return ""
    across = Axis(min(times), max(times), _LEFT, _WIDTH - _RIGHT)
    slack = 0.04 * (max(values) - min(values))
    up = Axis(min(values) - slack, max(values) + slack, _HEIGHT - _FOOT, _TOP)
    body = [*_left_axis(up), *bottom_axis(across, _TOP, _HEIGHT - _FOOT, "time", "d")]
    for line, kind in ((chart.forecast, "forecast"), (chart.estimate, "estimate")):
        body += _band(line.thinned(), across, up, kind)
    body += _dots(chart.shown.thinned(), across, up, "shown", 1.3)
    for line, kind in ((chart.twin, "twin"), (chart.forecast, "forecast"), (chart.estimate, "estimate")):
        body += _path(line.thinned(), across, up, kind)
    body += _dots(chart.samples, across, up, "sample", 3.2)
    return svg(_WIDTH, _HEIGHT, body, f"{chart.name} of plant and twin over time")


def _left_axis(up: Axis) -> list[str]:
    parts = []
    for tick in nice_ticks(up.low, up.high, 5):
        parts.append(f'<line class="grid" x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{up(tick)}" y2="{up(tick)}"/>')
        parts.append(text(_LEFT - 7, up(tick) + 4, number(tick), "tick end"))
    return parts


def _path(line: Line, across: Axis, up: Axis, kind: str) -> list[str]:
    if not line.times:
        return []
    points = " ".join(f"{across(t / _DAY)},{up(v)}" for t, v in zip(line.times, line.values, strict=True))
    return [f'<polyline class="{kind}" points="{points}"/>']


def _band(line: Line, across: Axis, up: Axis, kind: str) -> list[str]:
    ends = [(t, low, high) for t, low, high in zip(line.times, line.low, line.high, strict=True) if low <= high]
    if not ends:
        return []
    there = [f"{across(t / _DAY)},{up(high)}" for t, _, high in ends]
    back = [f"{across(t / _DAY)},{up(low)}" for t, low, _ in reversed(ends)]
    return [f'<polygon class="{kind} band" points="{" ".join([*there, *back])}"/>']


def _dots(line: Line, across: Axis, up: Axis, kind: str, radius: float) -> list[str]:
    return [
        f'<circle class="{kind}" cx="{across(t / _DAY)}" cy="{up(v)}" r="{radius:g}"/>'
        for t, v in zip(line.times, line.values, strict=True)
    ]


def caption(chart: PlantChart) -> str:
    """Return the name of ``chart`` and its unit, escaped."""
    unit = pretty_unit(chart.unit)
    return f"{escape(chart.name)} <span>{escape(f'[{unit}]' if unit else '')}</span>"
