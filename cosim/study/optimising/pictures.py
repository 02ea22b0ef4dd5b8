"""Drawings of optimisations: the way to the best run, slices through it, fronts of objectives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.results.display import number, pretty_unit
from cosim.study.drawing import WIDTH, Axis, bottom_axis, nice_ticks, svg, text
from cosim.study.method import Runs
from cosim.study.optimising.aims import Aims, Objective
from cosim.study.optimising.around import Slice
from cosim.study.optimising.space import cube_of, points_of
from cosim.study.problem import Array, Problem, Response

_LEFT: Final = 74.0
_RIGHT: Final = 14.0
_HEAD: Final = 30.0
_FOOT: Final = 52.0
_GAP: Final = 18.0
_FINE: Final = 61
_MOST_SHOWN: Final = 0.85
"""Share of the runs that meet all limits, the best first, which those behind may squeeze to half of the height."""
_ZOOM: Final = 2.0
"""How much farther than runs were made a slice is shown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One plot: axes, and its corners [px]."""

    across: Axis
    up: Axis
    left: float
    top: float
    right: float
    bottom: float

    def dots(self, kind: str, x: Array, y: Array, radius: float) -> list[str]:
        """Draw a dot at each (x, y) inside."""
        inside = np.isfinite(x) & np.isfinite(y)
        inside &= (x >= self.across.low) & (x <= self.across.high) & (y >= self.up.low) & (y <= self.up.high)
        places = zip(x[inside].tolist(), y[inside].tolist(), strict=True)
        return [f'<circle class="{kind}" cx="{self.across(a)}" cy="{self.up(b)}" r="{radius:g}"/>' for a, b in places]

    def line(self, kind: str, x: Array, y: Array) -> str:
        """Draw a line through (x, y)."""
        places = zip(x.tolist(), y.tolist(), strict=True)
        return f'<path class="{kind}" d="M{"L".join(f"{self.across(a)} {self.up(b)}" for a, b in places)}"/>'


def _label(response: Response) -> str:
    unit = pretty_unit(response.unit)
    return f"{response.name} [{unit}]" if unit else response.name


def _frame(
    spans: tuple[tuple[float, float], tuple[float, float]],
    corners: tuple[float, float, float, float],
    labels: tuple[str, str],
) -> tuple[Frame, list[str]]:
    """Return axes over ``spans`` of x and y between ``corners``, and their drawing; the y label stands above."""
    left, top, right, bottom = corners
    across, up = Axis(*spans[0], left, right), Axis(*spans[1], bottom, top)
    body = [text(left - 60, top - 12, labels[1], "label")]
    for tick in nice_ticks(up.low, up.high, 5):
        body.append(f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{up(tick)}" y2="{up(tick)}"/>')
        body.append(text(left - 8, up(tick) + 4, number(tick), "tick end"))
    body += bottom_axis(across, top, bottom, labels[0])
    return Frame(across, up, left, top, right, bottom), body


def _padded(values: Array, share: float = 0.06) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if len(there) == 0:
        return 0.0, 1.0
    low, high = float(there.min()), float(there.max())
    margin = share * (high - low) or 0.05 * abs(low) or 1.0
    return low - margin, high + margin


def _wider(values: Array, others: Array, sign: float) -> tuple[float, float]:
    """Return what ``values`` of a front span, and up to as much again where it is worse, as far as ``others`` lie."""
    (low, high), (least, most) = _padded(values), _padded(others)
    reach = high - low
    return (low, max(high, min(high + reach, most))) if sign > 0 else (min(low, max(low - reach, least)), high)


def _stairs(x: Array, y: Array, sign: float) -> tuple[Array, Array]:
    """Return the line between what a front of two objectives betters and what it does not; ``sign`` is that of x."""
    x, y = np.repeat(x, 2), np.repeat(y, 2)
    return (x[1:], y[:-1]) if sign > 0 else (x[:-1], y[1:])


def progress(objective: Objective, values: Array, feasible: NDArray[np.bool_]) -> str:
    """Draw the objective of all runs in their order, and the best so far that meets all limits."""
    y = values[:, objective.column]
    runs = np.arange(len(y), dtype=float)
    best, most, worst = np.quantile(objective.sign * y[feasible], (0.0, _MOST_SHOWN, 1.0)).tolist()
    span = _padded(objective.sign * np.array([best, min(worst, best + 2.0 * (most - best))]), 0.1)
    corners = (_LEFT, _HEAD, WIDTH - _RIGHT, 250.0)
    frame, body = _frame(((-0.5, len(y) - 0.5), span), corners, ("run", _label(objective.response)))
    body += frame.dots("run missed", runs[~feasible], y[~feasible], 2.6)
    body += frame.dots("sample", runs[feasible], y[feasible], 2.6)
    kept = np.where(feasible, objective.sign * y, np.inf)
    least = np.minimum.accumulate(kept)
    first = int(np.argmax(np.isfinite(least)))
    steps_x, steps_y = np.repeat(runs[first:], 2)[1:], np.repeat(objective.sign * least[first:], 2)[:-1]
    body.append(frame.line("curve", steps_x, steps_y))
    body += _legend(
        WIDTH - 420.0, [("sample", "meets all limits"), ("run missed", "misses one"), ("curve", "best so far")]
    )
    return svg(WIDTH, 250.0 + _FOOT, body, f"{objective.response.name} by run")


def _legend(x: float, entries: Sequence[tuple[str, str]]) -> list[str]:
    body = []
    for i, (kind, words) in enumerate(entries):
        at = x + 140.0 * i
        if kind == "curve":
            body.append(f'<path class="curve" d="M{at - 8:g} 13h16"/>')
        else:
            body.append(f'<circle class="{kind}" cx="{at:g}" cy="13" r="3.4"/>')
        body.append(text(at + 12, 17, words, "tick"))
    return body


def slice_panels(
    problem: Problem,
    objective: Objective,
    around: Sequence[Slice],
    runs: Runs,
    feasible: NDArray[np.bool_],
    centre: int,
) -> str:
    """Draw the objective along each factor through run ``centre``, two abreast, with all runs that are near."""
    cube, y = cube_of(problem, runs.points), runs.values[:, objective.column]
    ends = np.concatenate([[y[centre]], *(y[centre] + objective.sign * item.rises for item in around)])
    span = _padded(ends, 0.15)
    width = (WIDTH - _GAP) / 2 if len(around) > 1 else WIDTH
    step = 180.0 + _HEAD + _FOOT
    body = []
    for n, item in enumerate(around):
        left, top = (n % 2) * (width + _GAP) + _LEFT, (n // 2) * step + _HEAD
        factor = problem.factors[item.factor]
        reach = np.clip(cube[centre, item.factor] + _ZOOM * np.array([item.shifts.min(), item.shifts.max()]), 0.0, 1.0)
        fine = np.linspace(reach[0], reach[1], _FINE)
        x = _along(problem, item.factor, cube[centre], fine)
        unit = pretty_unit(factor.unit)
        labels = (f"{factor.name} [{unit}]" if unit else factor.name, _label(objective.response))
        corners = (left, top, left - _LEFT + width - _RIGHT, top + 180.0)
        frame, drawn = _frame(((float(x[0]), float(x[-1])), span), corners, labels)
        body += drawn
        body += frame.dots("run missed", runs.points[~feasible, item.factor], y[~feasible], 2.2)
        body += frame.dots("sample pale", runs.points[feasible, item.factor], y[feasible], 2.2)
        model = y[centre] + objective.sign * item.rise(fine - cube[centre, item.factor])
        shown = np.isfinite(model)
        body.append(frame.line("curve", x[shown], model[shown]))
        beside = _along(problem, item.factor, cube[centre], cube[centre, item.factor] + item.shifts)
        kept, heights = feasible[item.runs], y[centre] + objective.sign * item.rises
        body += frame.dots("sample", beside[kept], heights[kept], 3.4)
        body += frame.dots("run missed", beside[~kept], heights[~kept], 3.8)
        body += frame.dots("run", runs.points[[centre], item.factor], y[[centre]], 4.6)
    return svg(WIDTH, step * math.ceil(len(around) / 2), body, f"{objective.response.name} around the optimum")


def _along(problem: Problem, factor: int, centre: Array, places: Array) -> Array:
    """Return the values of ``factor`` at ``places`` (n,) of its axis."""
    cube = np.repeat(centre[None, :], len(places), axis=0)
    cube[:, factor] = np.clip(places, 0.0, 1.0)
    return points_of(problem, cube)[:, factor]


def scatter(aims: Aims, values: Array, feasible: NDArray[np.bool_], best: Sequence[int], chosen: int) -> str:
    """Draw each pair of objectives against each other: all runs, the front, the compromise."""
    pairs = list(combinations(aims.objectives, 2))
    width = (WIDTH - _GAP) / 2 if len(pairs) > 1 else WIDTH
    height = 230.0 if len(pairs) > 1 else 330.0
    step = height + _HEAD + _FOOT + 14.0
    body: list[str] = []
    for n, (first, second) in enumerate(pairs):
        left, top = (n % 2) * (width + _GAP) + _LEFT, (n // 2) * step + _HEAD + 14.0
        x, y = values[:, first.column], values[:, second.column]
        spans = (_wider(x[best], x[feasible], first.sign), _wider(y[best], y[feasible], second.sign))
        labels = (
            f"{_label(first.response)}, {first.response.goal}",
            f"{_label(second.response)}, {second.response.goal}",
        )
        frame, drawn = _frame(spans, (left, top, left - _LEFT + width - _RIGHT, top + height), labels)
        body += drawn
        body += frame.dots("run missed", x[~feasible], y[~feasible], 2.6)
        body += frame.dots("sample pale", x[feasible], y[feasible], 2.6)
        order = sorted(best, key=lambda run: float(x[run]))
        if len(aims.objectives) == 2:
            body.append(frame.line("curve", *_stairs(x[order], y[order], first.sign)))
        body += frame.dots("sample", x[order], y[order], 3.8)
        body += frame.dots("run", x[[chosen]], y[[chosen]], 5.0)
        body.append(text(frame.across(float(x[chosen])) + 9, frame.up(float(y[chosen])) - 8, f"run {chosen}", "value"))
    entries = [
        ("sample", "on the front"),
        ("sample pale", "meets all limits"),
        ("run missed", "misses one"),
        ("run", "compromise"),
    ]
    body += _legend(WIDTH - 560.0, entries)
    return svg(WIDTH, step * math.ceil(len(pairs) / 2), body, "Pareto front")


def curve(x: Sequence[float], y: Sequence[float], x_label: str, y_label: str) -> str:
    """Draw a course through points."""
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    corners = (_LEFT, _HEAD, WIDTH - _RIGHT, 200.0)
    frame, body = _frame(
        ((0.0, float(across.max())), (0.0, max(float(up.max()) * 1.05, 0.05))), corners, (x_label, y_label)
    )
    body.append(frame.line("curve", across, up))
    body += frame.dots("sample", across, up, 3.4)
    return svg(WIDTH, 200.0 + _FOOT, body, y_label)
