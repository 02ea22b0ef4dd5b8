"""A histogram with limits and the normal curve of the same mean and spread."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from cosim.results.display import number
from cosim.study.drawing import WIDTH, Axis, bottom_axis, svg, text
from cosim.study.problem import Array, Response

_HEIGHT: Final = 240.0
_TOP: Final = 26.0
_MOST_BINS: Final = 60
_CURVE_POINTS: Final = 121


def histogram(response: Response, values: Array) -> str:
    """Draw ``values`` (n,); bars out of the limits of ``response`` are marked."""
    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    limits = [
        (name, limit)
        for name, limit in (("at least", response.at_least), ("at most", response.at_most))
        if limit is not None
    ]
    edges = _edges(values)
    counts, _ = np.histogram(values, edges)
    inside, _ = np.histogram(values[response.meets(values)], edges)
    low, high = min([edges[0], *(limit for _, limit in limits)]), max([edges[-1], *(limit for _, limit in limits)])
    margin = 0.03 * (high - low)
    axis = Axis(low - margin, high + margin, 20.0, WIDTH - 20.0)
    peak = max(float(counts.max()), _density(mean, spread, mean) * len(values) * (edges[1] - edges[0]))
    scale = (_HEIGHT - _TOP) / peak
    body = bottom_axis(axis, _TOP, _HEIGHT, response.name, response.unit)
    for count, kept, begin, end in zip(counts, inside, edges[:-1], edges[1:], strict=True):
        left, width = axis(begin), max(axis(end) - axis(begin) - 1, 0.5)
        tall, low_part = count * scale, kept * scale
        body.append(_column("bar", left, width, _HEIGHT - low_part, low_part))
        body.append(_column("bar outside", left, width, _HEIGHT - tall, tall - low_part))
    if spread > 0.0:
        body.append(_curve(axis, mean, spread, len(values) * (edges[1] - edges[0]) * scale))
    for name, limit in limits:
        body.append(f'<line class="limit" x1="{axis(limit)}" x2="{axis(limit)}" y1="{_TOP - 8}" y2="{_HEIGHT}"/>')
        body.append(text(axis(limit), _TOP - 12, f"{name} {number(limit)}", "limit-name mid"))
    return svg(WIDTH, _HEIGHT + 44, body, f"Histogram of {response.name}")


def _column(kind: str, left: float, width: float, top: float, height: float) -> str:
    return f'<rect class="{kind}" x="{left:g}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}"/>'


def _edges(values: Array) -> Array:
    """Return the edges of bins, after Freedman and Diaconis, at most 60 bins."""
    low, high = float(np.min(values)), float(np.max(values))
    if not high > low:
        half = 0.5 * (abs(low) or 1.0)
        return np.array([low - half, low + half])
    quartiles = np.quantile(values, (0.25, 0.75))
    width = 2.0 * float(quartiles[1] - quartiles[0]) / len(values) ** (1.0 / 3.0)
    n = _MOST_BINS if width <= 0 else min(max(math.ceil((high - low) / width), 5), _MOST_BINS)
    return np.linspace(low, high, n + 1)


def _density(mean: float, spread: float, x: float) -> float:
    if spread <= 0.0:
        return 0.0
    return math.exp(-0.5 * ((x - mean) / spread) ** 2) / (spread * math.sqrt(2.0 * math.pi))


def _curve(axis: Axis, mean: float, spread: float, factor: float) -> str:
    places = np.linspace(max(axis.low, mean - 4 * spread), min(axis.high, mean + 4 * spread), _CURVE_POINTS)
    points = [f"{axis(x)} {_HEIGHT - factor * _density(mean, spread, x):.2f}" for x in places.tolist()]
    return f'<path class="curve" d="M{"L".join(points)}"/>'
