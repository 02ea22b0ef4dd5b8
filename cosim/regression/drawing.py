"""A signal of two runs as a drawing: the tube, the baseline, the candidate, where they part."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND
from cosim.regression.curve import Array, Curve, values_at
from cosim.regression.signals import Compared
from cosim.regression.tube import band
from cosim.results.decimation import keep_extremes
from cosim.results.display import Scale, number, scale_for
from cosim.results.drawing import Axis, bottom_axis, nice_ticks, svg, text

WIDTH: Final = 560.0
_TOP, _BOTTOM, _LEFT, _RIGHT = 12.0, 208.0, 64.0, 14.0
_MOST_POINTS: Final = 500
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
"""Units of time and their seconds."""
_CLOSE: Final = 0.03
"""Of the whole time: half the width of the closer look."""

Span = tuple[int, int]


def drawings(signal: Compared) -> list[str]:
    """Draw the whole of a signal and, where it leaves its tube for the first time, a closer look at that."""
    begin = int(min(signal.reference.ticks[0], signal.candidate.ticks[0]))
    end = int(max(signal.reference.ticks[-1], signal.candidate.ticks[-1]))
    made = [_drawing(signal, (begin, end), f"{signal.name}, the whole run")]
    if signal.first is not None and end > begin and signal.reference.axis == "time":
        half = max(int(_CLOSE * (end - begin)), 4 * signal.reach, 1)
        span = max(begin, signal.first - half), min(end, signal.first + half)
        if span[1] - span[0] < 0.6 * (end - begin):
            made.append(_drawing(signal, span, f"{signal.name}, where it leaves its tube"))
    return made


def _drawing(signal: Compared, span: Span, title: str) -> str:
    reference = signal.reference
    scale = scale_for(reference.unit)
    moments = _moments(reference, span)
    with np.errstate(invalid="ignore"):
        lower, upper = band(reference, moments, signal.reach, signal.margin)
    lines = {"before": _line(reference, span), "after": _line(signal.candidate, span)}
    shown = [_shown(values, scale) for values in (lower, upper, *(line[1] for line in lines.values()))]
    finite = np.concatenate([values[np.isfinite(values)] for values in shown] or [np.zeros(1)])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    pad = 0.06 * (high - low)
    unit, seconds = _time_unit(signal, span)
    across = Axis(span[0] / seconds, span[1] / seconds, _LEFT, WIDTH - _RIGHT)
    up = Axis(low - pad, high + pad, _BOTTOM, _TOP)
    body = bottom_axis(across, _TOP, _BOTTOM, "run" if reference.axis == "run" else "time", unit)
    body += _left_axis(up, scale)
    body.append(_tube(across, up, moments / seconds, shown[0], shown[1]))
    for i, (kind, line) in enumerate(lines.items()):
        body.append(_path(kind, across, up, line[0] / seconds, shown[2 + i]))
    if signal.first is not None and span[0] <= signal.first <= span[1]:
        x = across(signal.first / seconds)
        body.append(f'<line class="parting" x1="{x}" x2="{x}" y1="{_TOP:g}" y2="{_BOTTOM:g}"/>')
    return svg(WIDTH, _BOTTOM + 44, body, title)


def _shown(values: Array, scale: Scale) -> Array:
    return values * scale.factor + scale.offset


def _time_unit(signal: Compared, span: Span) -> tuple[str, float]:
    if signal.reference.axis == "run":
        return "", 1.0
    width = (span[1] - span[0]) / TICKS_PER_SECOND
    name, size = next(((name, size) for name, size in _UNITS if width >= 2 * size), ("s", 1))
    return name, float(size * TICKS_PER_SECOND)


def _moments(curve: Curve, span: Span) -> NDArray[np.int64]:
    """Return times for the tube: evenly, and those of the curve as far as they are few."""
    even = np.linspace(span[0], span[1], _MOST_POINTS).astype(np.int64)
    own = curve.ticks[(curve.ticks >= span[0]) & (curve.ticks <= span[1])]
    return np.unique(np.concatenate([even, own[keep_extremes(own.astype(float), _MOST_POINTS)]]))


def _line(curve: Curve, span: Span) -> tuple[NDArray[np.int64], Array]:
    """Return the part of the curve in ``span``, with its values at both ends, and no more points than can be seen."""
    inside = (curve.ticks > span[0]) & (curve.ticks < span[1])
    ends = np.clip(np.array(span), curve.ticks[0], curve.ticks[-1])
    at_ends = values_at(curve.ticks, curve.values, ends.astype(np.float64))
    ticks = np.concatenate([ends[:1], curve.ticks[inside], ends[1:]])
    values = np.concatenate([at_ends[:1], curve.values[inside], at_ends[1:]])
    kept = keep_extremes(values, 2 * _MOST_POINTS)
    return ticks[kept], values[kept]


def _left_axis(axis: Axis, scale: Scale) -> list[str]:
    parts = []
    for tick in nice_ticks(axis.low, axis.high, 5):
        y = axis(tick)
        parts.append(f'<line class="grid" x1="{_LEFT:g}" x2="{WIDTH - _RIGHT:g}" y1="{y}" y2="{y}"/>')
        parts.append(text(_LEFT - 7, y + 4, number(tick), "tick end"))
    if scale.unit:
        parts.append(text(_LEFT + 4, _TOP + 2, scale.unit, "label"))
    return parts


def _tube(across: Axis, up: Axis, times: Array, lower: Array, upper: Array) -> str:
    known = np.isfinite(lower) & np.isfinite(upper)
    there = [(across(t), up(high)) for t, high in zip(times[known], upper[known], strict=True)]
    back = [(across(t), up(low)) for t, low in zip(times[known], lower[known], strict=True)]
    points = " ".join(f"{x:g},{y:g}" for x, y in [*there, *reversed(back)])
    return f'<polygon class="tube" points="{points}"/>'


def _path(kind: str, across: Axis, up: Axis, times: Array, values: Array) -> str:
    """Draw a line that breaks where there is no number."""
    parts, is_down = [], False
    for t, value in zip(times.tolist(), values.tolist(), strict=True):
        if np.isfinite(value):
            parts.append(f"{'L' if is_down else 'M'}{across(t):g} {up(value):g}")
        is_down = bool(np.isfinite(value))
    return f'<path class="{kind}" d="{"".join(parts)}"/>'
