"""Where the demanded probability ends: along each factor, in the largest box, and nearest to the set point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.study.design_space.field import Space
from cosim.study.design_space.grid import levels_of, mesh, shares
from cosim.study.distributions import Choice
from cosim.study.problem import Array

LINE: Final = 201
"""Points on a line through the set point."""
GRID: Final = {1: 201, 2: 61, 3: 25}
"""Points per factor of the grid in which boxes and edges are looked for, by the number of factors."""
_HALVINGS: Final = 40


@dataclass(frozen=True, slots=True)
class End:
    """Where a range ends, and by which response; '' at the end of what was studied."""

    value: float
    response: str


@dataclass(frozen=True, slots=True)
class Edge:
    """The nearest point (k,) at which ``response`` ('' for all at once) is not met often enough.

    ``distance`` from the set point is in shares of the ranges; None where there is no such point.
    """

    response: str
    probability: float
    point: Array | None
    distance: float | None


def proven_range(space: Space, i: int) -> tuple[End, End] | None:
    """Return between what factor ``i`` may lie alone, the others at the set point; None where not even that holds."""
    axis = levels_of(space.factors[i], LINE)
    points = np.tile(space.set_point, (len(axis), 1))
    points[:, i] = axis
    margins = space.judge(points).margins
    start = int(np.argmin(np.abs(axis - space.set_point[i])))
    if margins[start, -1] < 0.0:
        return None
    below = _end(space, points, margins, range(start, -1, -1), i)
    return below, _end(space, points, margins, range(start, len(axis)), i)


def _end(space: Space, points: Array, margins: Array, order: range, i: int) -> End:
    """Walk away from the set point until too few draws are met."""
    last = order[0]
    for number in order:
        if margins[number, -1] < 0.0:
            point = points[last]
            if not isinstance(space.factors[i].distribution, Choice):
                point = _between(points[last], points[number], lambda x: float(space.judge(x[None, :]).margins[0, -1]))
            return End(float(point[i]), _limiting(space, margins[number]))
        last = number
    return End(float(points[last, i]), "")


def _between(good: Array, bad: Array, margin: Callable[[Array], float]) -> Array:
    """Return the last good point on the way from ``good`` to ``bad``."""
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2.0
        good, bad = (middle, bad) if margin(middle) >= 0.0 else (good, middle)
    return good


def _limiting(space: Space, margins: Array) -> str:
    """Name the response that fails most; all together where each of them alone is met often enough."""
    worst = int(np.argmin(margins[:-1]))
    return space.responses[worst].name if margins[worst] < 0.0 else "all together"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A fine grid with ``axes``: ``points`` (p, k), ``margins`` (p, m + 1), ``met`` (p, m + 1)."""

    axes: tuple[Array, ...]
    points: Array
    margins: Array
    met: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of points along each axis."""
        return tuple(len(axis) for axis in self.axes)


def judge_grid(space: Space) -> Judgement:
    """Judge a fine grid over the whole range of every factor."""
    n = GRID[len(space.factors)]
    axes = tuple(levels_of(factor, n) for factor in space.factors)
    points = mesh(axes)
    judged = space.judge(points)
    return Judgement(axes, points, judged.margins, judged.met)


def share_met(space: Space, grid: Judgement) -> float:
    """Return which share of the studied ranges meets all specifications as often as demanded."""
    weights = np.ones(1)
    for i, axis in enumerate(grid.axes):
        weights = np.multiply.outer(weights, _widths(space, i, axis))
    good = (grid.margins[:, -1] >= 0.0).reshape(grid.shape)
    return float(np.sum(weights.reshape(grid.shape)[good]) / np.sum(weights))


def _widths(space: Space, i: int, axis: Array) -> Array:
    """Return what each point of ``axis`` stands for: half of the way to each neighbour."""
    if isinstance(space.factors[i].distribution, Choice):
        return np.ones(len(axis))
    edges = np.concatenate([[axis[0]], (axis[1:] + axis[:-1]) / 2.0, [axis[-1]]])
    found: Array = np.diff(edges)
    return found


def largest_box(space: Space, grid: Judgement) -> tuple[tuple[float, float], ...] | None:
    """Return the largest ranges around the set point all of whose combinations on ``grid`` are good; None where none.

    The largest is that with the largest product of its widths over those studied.
    """
    bad = (grid.margins[:, -1] < 0.0).reshape(grid.shape)
    starts = [int(np.argmin(np.abs(axis - space.set_point[i]))) for i, axis in enumerate(grid.axes)]
    if bad[tuple(starts)]:
        return None
    counts = np.pad(bad.astype(np.int32), [(1, 0)] * bad.ndim)
    size = np.ones(())
    for i, (start, axis) in enumerate(zip(starts, grid.axes, strict=True)):
        counts = counts.cumsum(axis=i, dtype=np.int32)
        low, high = np.arange(start + 1), np.arange(start, len(axis)) + 1
        low, high = (part.ravel() for part in np.meshgrid(low, high, indexing="ij"))
        counts = np.take(counts, high, axis=i) - np.take(counts, low, axis=i)
        width = (axis[high - 1] - axis[low]) / (axis[-1] - axis[0])
        size = np.multiply.outer(size, width + 1.0 / len(axis))
    best = np.unravel_index(int(np.argmax(np.where(counts == 0, size, -1.0))), size.shape)
    found = []
    for start, axis, pair in zip(starts, grid.axes, best, strict=True):
        low_number, high_number = divmod(int(pair), len(axis) - start)
        found.append((float(axis[low_number]), float(axis[start + high_number])))
    return tuple(found)


def edges_of(space: Space, grid: Judgement) -> list[Edge]:
    """Return, for every response and last for all at once, where it is no longer met often enough."""
    at_set_point = space.judge(space.set_point[None, :])
    found = []
    for j, name in enumerate([*(response.name for response in space.responses), ""]):
        probability = float(at_set_point.met[0, j]) / space.n
        found.append(_edge(space, grid, j, name, probability, is_met=bool(at_set_point.margins[0, j] >= 0.0)))
    return found


def _edge(space: Space, grid: Judgement, j: int, name: str, probability: float, *, is_met: bool) -> Edge:
    if not is_met:
        return Edge(name, probability, space.set_point, 0.0)
    bad = grid.points[grid.margins[:, j] < 0.0]
    if len(bad) == 0:
        return Edge(name, probability, None, None)
    start = shares(space.factors, space.set_point[None, :])[0]
    apart = np.linalg.norm(shares(space.factors, bad) - start, axis=1)
    point = bad[int(np.argmin(apart))]
    if not any(isinstance(factor.distribution, Choice) for factor in space.factors):
        point = _between(space.set_point, point, lambda x: float(space.judge(x[None, :]).margins[0, j]))
    distance = float(np.linalg.norm(shares(space.factors, point[None, :])[0] - start))
    return Edge(name, probability, point, distance)
