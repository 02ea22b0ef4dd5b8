"""Lines along which values on a grid cross zero."""

from __future__ import annotations

import numpy as np

from cosim.study.problem import Array

Point = tuple[float, float]


def crossings(xs: Array, ys: Array, values: Array) -> list[tuple[Point, Point]]:
    """Return segments along which ``values`` (len(ys), len(xs)) are zero, linear along the edges of each cell."""
    is_good = values >= 0.0
    corners = (is_good[:-1, :-1], is_good[:-1, 1:], is_good[1:, 1:], is_good[1:, :-1])
    mixed = np.any(corners, axis=0) & ~np.all(corners, axis=0)
    found: list[tuple[Point, Point]] = []
    for i, j in zip(*np.nonzero(mixed), strict=True):
        found += _in_cell(xs, ys, values, int(i), int(j))
    return found


def _in_cell(xs: Array, ys: Array, values: Array, i: int, j: int) -> list[tuple[Point, Point]]:
    places = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
    cuts: list[Point] = []
    for (a, b), (c, d) in zip(places, (*places[1:], places[0]), strict=True):
        one, other = float(values[a, b]), float(values[c, d])
        if (one >= 0.0) != (other >= 0.0):
            share = one / (one - other)
            cuts.append((float(xs[b] + share * (xs[d] - xs[b])), float(ys[a] + share * (ys[c] - ys[a]))))
    middle = float(np.mean(values[i : i + 2, j : j + 2]))
    if len(cuts) == 4 and (values[i, j] >= 0.0) != (middle >= 0.0):  # a saddle: what the middle is hangs together
        cuts = [*cuts[1:], cuts[0]]
    return list(zip(cuts[::2], cuts[1::2], strict=True))
