"""Profile likelihood: how far a parameter can go while the others make up for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.study.fitting.asking import Asking
from cosim.study.fitting.descent import descend
from cosim.study.fitting.problem import FitProblem
from cosim.study.problem import Array

MOST_POINTS: Final = 14
"""On each side."""
TOLERANCE: Final = 1e-6
"""Of the fits on a profile, as a share of the sum of squares: limits take its rise to a hundredth."""
_BETTER: Final = 0.05
"""By so much the weighted sum of squares has to be lower for an optimum to be another."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a profile: coordinates and rises of the weighted sum of squares, from the optimum on outwards.

    ``limit`` is the coordinate at which the rise reaches the threshold; None where it does not within the bounds.
    ``better`` is a point with a lower sum than the optimum, if one was met.
    """

    coordinates: tuple[float, ...]
    rises: tuple[float, ...]
    limit: float | None
    better: Array | None = None
    n_failed: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of one parameter; ``threshold`` is the rise at the limits of the confidence interval."""

    below: Side
    above: Side
    threshold: float

    @property
    def is_flat(self) -> bool:
        """True where the parameter may be anything."""
        return self.below.limit is None and self.above.limit is None


def walk(
    problem: FitProblem,
    weights: Array,
    best: tuple[Array, float],
    j: int,
    *,
    direction: int,
    first: float,
    threshold: float,
    step: float,
    most_steps: int,
) -> Asking[Side]:
    """Move coordinate ``j`` away from the optimum until the sum of squares has risen by ``threshold``.

    ``first`` is the distance at which linear theory expects that. The others are fitted anew at every point, from where
    they were. Source: Raue et al. 2009, doi:10.1093/bioinformatics/btp358.
    """
    z, chi2 = best
    bound = problem.bounds[1 if direction > 0 else 0][j]
    free = np.array([i for i in range(len(z)) if i != j], dtype=np.int64)
    room = abs(bound - z[j])
    distances, rises = [0.0], [0.0]
    present, stride, n_failed = z.copy(), min(0.5 * first, room), 0
    while len(distances) <= MOST_POINTS and stride > 1e-9 * problem.widths[j]:
        reach = min(distances[-1] + stride, room)
        trial = present.copy()
        trial[j] = z[j] + direction * reach
        found = yield from descend(
            problem, weights, trial, free=free, step=step, most_steps=most_steps, tolerance=TOLERANCE
        )
        if found is None:
            n_failed += 1
            stride *= 0.5
            if n_failed > MOST_POINTS // 2:
                break
            continue
        rise = found.chi2 - chi2
        if rise < -_BETTER:
            return Side(_places(z[j], direction, distances), tuple(rises), None, found.z, n_failed)
        distances.append(reach)
        rises.append(max(rise, 0.0))
        present = found.z
        if rise >= threshold:
            limit = yield from _refined(
                problem, weights, best, j, direction, (distances, rises), present, threshold, step, most_steps
            )
            return Side(_places(z[j], direction, distances), tuple(rises), limit, None, n_failed)
        if reach >= room:
            break
        stride = _next_stride(distances, rises, threshold, first, room)
    return Side(_places(z[j], direction, distances), tuple(rises), None, None, n_failed)


def _places(centre: float, direction: int, distances: list[float]) -> tuple[float, ...]:
    return tuple(float(centre + direction * distance) for distance in distances)


def _next_stride(distances: list[float], rises: list[float], threshold: float, first: float, room: float) -> float:
    """Return the next step: to a little beyond where the root of the rise, nearly straight, meets that of the limit."""
    slope = math.sqrt(rises[-1]) / distances[-1]
    ahead = (math.sqrt(threshold) - math.sqrt(rises[-1])) / slope if slope > 0.0 else math.inf
    n_left = max(MOST_POINTS - len(distances), 1)
    least = (room - distances[-1]) / n_left if ahead > room else 0.0
    return max(min(0.7 * ahead if ahead > 0.6 * first else 1.05 * ahead, 2.0 * distances[-1]), 0.1 * first, least)


def _refined(
    problem: FitProblem,
    weights: Array,
    best: tuple[Array, float],
    j: int,
    direction: int,
    course: tuple[list[float], list[float]],
    present: Array,
    threshold: float,
    step: float,
    most_steps: int,
) -> Asking[float]:
    """Return where the rise is ``threshold``: between the last two points, with one more fit there."""
    distances, rises = course
    z, chi2 = best
    reach = _crossing(distances[-2:], rises[-2:], threshold)
    free = np.array([i for i in range(len(z)) if i != j], dtype=np.int64)
    trial = present.copy()
    trial[j] = z[j] + direction * reach
    found = yield from descend(
        problem, weights, trial, free=free, step=step, most_steps=most_steps, tolerance=TOLERANCE
    )
    if found is not None:
        rise = max(found.chi2 - chi2, 0.0)
        if rises[-2] <= rise <= rises[-1]:
            distances.insert(-1, reach)
            rises.insert(-1, rise)
            k = -2 if rise >= threshold else -1
            reach = _crossing([distances[k - 1], distances[k]], [rises[k - 1], rises[k]], threshold)
    return float(z[j] + direction * reach)


def _crossing(distances: list[float], rises: list[float], threshold: float) -> float:
    """Interpolate the root of the rise, which is nearly straight."""
    a, b, target = math.sqrt(rises[0]), math.sqrt(rises[1]), math.sqrt(threshold)
    share = (target - a) / (b - a) if b > a else 1.0
    return distances[0] + share * (distances[1] - distances[0])
