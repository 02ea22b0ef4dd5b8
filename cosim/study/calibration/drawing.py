"""Plots of a calibration as SVG: data against fit, residuals, profiles of the likelihood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.drawing import WIDTH, Axis, bottom_axis, nice_ticks, svg, text
from cosim.study.problem import Array

HEIGHT: Final = 200
_LEFT: Final = 66
_RIGHT: Final = 6
_FOOT: Final = 46
_HEAD: Final = 24
_GAP: Final = 24


@dataclass(frozen=True, slots=True)
class Panel:
    """One small plot: a line with a band of ± ``band``, and points with whiskers of ± ``reach``."""

    title: str
    x: Array
    y: Array
    band: Array
    points_x: Array
    points_y: Array
    reach: Array


def time_unit(longest: float) -> tuple[str, float]:
    """Return a unit in which times [s] up to ``longest`` read well, and its size."""
    return ("h", 3600.0) if longest > 7200.0 else ("min", 60.0) if longest > 120.0 else ("s", 1.0)


def panels(found: Sequence[Panel], label: str, x_unit: str, unit: str, *, lines: Sequence[float] = ()) -> str:
    """Draw ``found`` two abreast, all with the same axes; ``lines`` are drawn across."""
    width = (WIDTH - _GAP) / 2 if len(found) > 1 else WIDTH
    low_x, high_x = _span([panel.x for panel in found] + [panel.points_x for panel in found])
    ends = [end for p in found for end in (p.y - p.band, p.y + p.band, p.points_y - p.reach, p.points_y + p.reach)]
    low, high = _span([*ends, np.array(lines)])
    margin = 0.06 * (high - low)
    step = HEIGHT + _HEAD + _FOOT
    body = []
    for i, panel in enumerate(found):
        left, top = (i % 2) * (width + _GAP) + _LEFT, (i // 2) * step + _HEAD
        right, bottom = left - _LEFT + width - _RIGHT, top + HEIGHT
        across = Axis(low_x, high_x, left, right)
        up = Axis(low - margin, high + margin, bottom, top)
        body += [text(left, top - 8, panel.title, "label"), *_left_axis(up, left, right)]
        body += bottom_axis(across, top, bottom, "time", x_unit)
        for line in lines:
            body.append(f'<path class="{"limit" if line else "zero"}" d="M{left:g} {up(line)}H{right:g}"/>')
        body += _course(panel, across, up)
    shown = f"{label} [{pretty_unit(unit)}]" if pretty_unit(unit) else label
    return svg(WIDTH, step * math.ceil(len(found) / 2), body, shown)


def _span(parts: Sequence[Array]) -> tuple[float, float]:
    values = np.concatenate([np.ravel(part) for part in parts])
    values = values[np.isfinite(values)]
    return (float(np.min(values)), float(np.max(values))) if len(values) else (0.0, 1.0)


def _left_axis(up: Axis, left: float, right: float) -> list[str]:
    parts = []
    for tick in nice_ticks(up.low, up.high, 5):
        parts.append(f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{up(tick)}" y2="{up(tick)}"/>')
        parts.append(
            f'<text x="{left - 8:g}" y="{up(tick) + 4:g}" class="tick" text-anchor="end">{number(tick)}</text>'
        )
    return parts


def _course(panel: Panel, across: Axis, up: Axis) -> list[str]:
    """Draw band, line and points of ``panel``."""
    body = []
    there = np.isfinite(panel.y)
    x, y, band = panel.x[there], panel.y[there], np.nan_to_num(panel.band[there])
    if len(x):
        above = [f"{across(a)} {up(b)}" for a, b in zip(x, y + band, strict=True)]
        below = [f"{across(a)} {up(b)}" for a, b in zip(x[::-1], (y - band)[::-1], strict=True)]
        body.append(f'<path class="bar second" d="M{"L".join(above + below)}Z"/>')
        body.append(_line(x, y, across, up))
    for a, b, reach in zip(panel.points_x, panel.points_y, np.nan_to_num(panel.reach), strict=True):
        if not math.isfinite(b):
            continue
        if reach > 0.0:
            body.append(f'<path class="whisker" d="M{across(a)} {up(b - reach)}V{up(b + reach)}"/>')
        body.append(f'<circle class="sample" cx="{across(a)}" cy="{up(b)}" r="3.2"/>')
    return body


def _line(x: Array, y: Array, across: Axis, up: Axis, kind: str = "curve") -> str:
    places = "L".join(f"{across(a)} {up(b)}" for a, b in zip(x, y, strict=True))
    return f'<path class="{kind}" d="M{places}"/>'


@dataclass(frozen=True, slots=True)
class Valley:
    """A profile: by how much the least sum of squares ``rises`` with the parameter held at ``x``.

    ``parabola`` is the same by the covariance.
    """

    name: str
    unit: str
    x: Array
    rises: Array
    parabola: Array
    threshold: float
    limits: tuple[float | None, float | None]


def valley(found: Valley) -> str:
    """Draw a profile with its threshold and where it crosses that."""
    top, bottom, left, right = float(_HEAD), float(_HEAD + HEIGHT), float(_LEFT), float(WIDTH - _RIGHT)
    most = 1.6 * found.threshold
    across = Axis(float(np.min(found.x)), float(np.max(found.x)), left, right)
    up = Axis(0.0, most, bottom, top)
    body = [*_left_axis(up, left, right), *bottom_axis(across, top, bottom, found.name, found.unit)]
    body.append(f'<path class="limit" d="M{left:g} {up(found.threshold)}H{right:g}"/>')
    for limit in found.limits:
        if limit is not None:
            body.append(f'<path class="limit" d="M{across(limit)} {up(found.threshold)}V{bottom:g}"/>')
    body.append(_clipped(found.x, found.parabola, most, across, up, 'class="zero" fill="none" stroke-dasharray="3 4"'))
    body.append(_clipped(found.x, found.rises, most, across, up, 'class="curve"'))
    body.append(text(left, top - 8, "rise of the weighted sum of squares; dashed: of the covariance", "label"))
    return svg(WIDTH, bottom + _FOOT, body, f"profile of {found.name}")


def _clipped(x: Array, y: Array, most: float, across: Axis, up: Axis, look: str) -> str:
    inside = np.flatnonzero(y <= most)
    if len(inside) < 2:
        return ""
    chosen = slice(int(inside[0]), int(inside[-1]) + 1)
    pairs = zip(x[chosen], np.minimum(y[chosen], most), strict=True)
    return f'<path {look} d="M{"L".join(f"{across(float(a))} {up(float(b))}" for a, b in pairs)}"/>'
