"""Small plots side by side: lines, a band, and points that were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cosim.results.display import number, pretty_unit
from cosim.results.drawing import WIDTH, Axis, bottom_axis, nice_ticks, svg, text

HEIGHT: Final = 150
ABREAST: Final = 2
_LEFT: Final = 62
_RIGHT: Final = 8
_HEAD: Final = 26
_FOOT: Final = 46
_GAP: Final = 22


@dataclass(frozen=True, slots=True)
class Panel:
    """One small plot over ``x``; the second line is dashed. ``band`` holds lower and upper ends."""

    title: str
    label: str
    unit: str
    """Of x."""
    x: Sequence[float]
    lines: Sequence[Sequence[float]]
    points: Sequence[float] = ()
    band: Sequence[Sequence[float]] = field(default=())


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
    values = [y for part in (*panel.lines, panel.points, *panel.band) for y in part if math.isfinite(y)] or [0.0]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low)
    across, up = Axis(min(panel.x), max(panel.x), left, right), Axis(low - margin, high + margin, bottom, top)
    parts = [text(left, top - 9, panel.title)]
    for tick in nice_ticks(up.low, up.high, 4):
        parts.append(f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{up(tick)}" y2="{up(tick)}"/>')
        parts.append(text(left - 7, up(tick) + 4, number(tick), "tick end"))
    parts += bottom_axis(across, top, bottom, panel.label, panel.unit)
    if panel.band:
        lower, upper = panel.band
        there = _path(panel.x, upper, across, up) + " L" + _path(panel.x[::-1], lower[::-1], across, up)[1:]
        parts.append(f'<path class="band" d="{there}Z"/>')
    for i, line in enumerate(panel.lines):
        parts.append(f'<path class="curve{" second" if i else ""}" d="{_path(panel.x, line, across, up)}"/>')
    for x, y in zip(panel.x, panel.points, strict=False):
        parts.append(f'<circle class="sample" cx="{across(x)}" cy="{up(y)}" r="2.6"/>')
    return parts


def _path(x: Sequence[float], y: Sequence[float], across: Axis, up: Axis) -> str:
    return "M" + " L".join(f"{across(a)} {up(b)}" for a, b in zip(x, y, strict=True))


def in_unit(name: str, unit: str) -> str:
    """Return ``name [unit]``."""
    return f"{name} [{pretty_unit(unit)}]" if pretty_unit(unit) else name


def time_unit(longest: float) -> tuple[str, float]:
    """Return a unit in which times [s] up to ``longest`` read well, and its size."""
    if longest > 3 * 86400.0:
        return "d", 86400.0
    return ("h", 3600.0) if longest > 7200.0 else ("min", 60.0) if longest > 120.0 else ("s", 1.0)
