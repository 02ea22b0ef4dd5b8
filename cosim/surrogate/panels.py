"""Small plots side by side: lines, a band, and points that were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cosim.results.display import number, power_of_ten, pretty_unit
from cosim.results.drawing import WIDTH, Axis, bottom_axis, nice_ticks, svg, text

HEIGHT: Final = 150
ABREAST: Final = 2
_LEFT: Final = 62
_RIGHT: Final = 14
_HEAD: Final = 26
_FOOT: Final = 46
_GAP: Final = 22


@dataclass(frozen=True, slots=True)
class Panel:
    """One small plot over ``x``: the second line is dashed. ``band`` holds lower and upper ends."""

    title: str
    unit: str
    """Of what is drawn."""
    label: str
    x_unit: str
    x: Sequence[float]
    lines: Sequence[Sequence[float]]
    points: Sequence[float] = ()
    band: Sequence[Sequence[float]] = ()
    outer: Sequence[Sequence[float]] = ()
    """A paler band behind."""


def draw(panels: Sequence[Panel], title: str) -> str:
    """Draw ``panels``, each with its own axes."""
    width = (WIDTH - _GAP) / ABREAST
    step = HEIGHT + _HEAD + _FOOT
    body: list[str] = []
    for i, panel in enumerate(panels):
        left, top = (i % ABREAST) * (width + _GAP) + _LEFT, (i // ABREAST) * step + _HEAD
        body += _panel(panel, left, left - _LEFT + width - _RIGHT, top)
    return svg(WIDTH, step * math.ceil(len(panels) / ABREAST), body, title)


def _panel(panel: Panel, left: float, right: float, top: float) -> list[str]:
    bottom = top + HEIGHT
    values = [
        y for part in (*panel.lines, panel.points, *panel.band, *panel.outer) for y in part if math.isfinite(y)
    ] or [0.0]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low)
    across, up = Axis(min(panel.x), max(panel.x), left, right), Axis(low - margin, high + margin, bottom, top)
    power, power_x = _power(low, high), _power(min(panel.x), max(panel.x))
    parts = [text(left, top - 9, in_unit(panel.title, panel.unit, power))]
    for tick in nice_ticks(up.low, up.high, 4):
        parts.append(f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{up(tick)}" y2="{up(tick)}"/>')
        parts.append(text(left - 7, up(tick) + 4, number(tick / 10.0**power), "tick end"))
    in_power = Axis(across.low / 10.0**power_x, across.high / 10.0**power_x, left, right)
    parts += bottom_axis(in_power, top, bottom, in_unit(panel.label, panel.x_unit, power_x))
    for lower, upper in (ends for ends in (panel.outer, panel.band) if ends):
        there = _path(panel.x, upper, across, up) + " L" + _path(panel.x[::-1], lower[::-1], across, up)[1:]
        parts.append(f'<path class="band" d="{there}Z"/>')
    for i, line in enumerate(panel.lines):
        parts.append(f'<path class="curve{" second" if i else ""}" d="{_path(panel.x, line, across, up)}"/>')
    for x, y in zip(panel.x, panel.points, strict=False):
        parts.append(f'<circle class="sample" cx="{across(x)}" cy="{up(y)}" r="2.6"/>')
    return parts


def _path(x: Sequence[float], y: Sequence[float], across: Axis, up: Axis) -> str:
    return "M" + " L".join(f"{across(a)} {up(b)}" for a, b in zip(x, y, strict=True))


def _power(low: float, high: float) -> int:
    """Return the power of ten that numbers between these are told in, so that ticks are short."""
    largest = max(abs(low), abs(high))
    exponent = math.floor(math.log10(largest)) if largest > 0 else 0
    return 0 if -3 <= exponent < 4 else 3 * (exponent // 3)


def in_unit(name: str, unit: str, power: int = 0) -> str:
    """Return ``name [10¹² unit]``."""
    shown = f"{power_of_ten(10.0**power).partition('× ')[2]} {pretty_unit(unit)}" if power else pretty_unit(unit)
    return f"{name} [{shown.strip()}]" if shown.strip() else name


def time_unit(longest: float) -> tuple[str, float]:
    """Return a unit in which times [s] up to ``longest`` read well, and its size."""
    if longest > 3 * 86400.0:
        return "d", 86400.0
    return ("h", 3600.0) if longest > 7200.0 else ("min", 60.0) if longest > 120.0 else ("s", 1.0)
