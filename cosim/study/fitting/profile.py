"""Profile likelihood: how far a parameter can go while the others make up for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.study.fitting.asking import Asking
from cosim.study.fitting.descent import Descended, descend
from cosim.study.fitting.problem import FitProblem
from cosim.study.problem import Array

MOST_POINTS: Final = 14
"""On each side."""
MOST_REFINEMENTS: Final = 8
NEAR: Final = 0.02
"""How near the root of the rise has to come to that of the threshold, as a share of it."""
TOLERANCE: Final = 1e-5
"""Of the fits on a profile, as a share of the sum of squares: limits take its rise to a hundredth."""
AT_BOUND: Final = 1e-4
"""Share of its range within which a coordinate is at its bound."""
_BETTER: Final = 0.05
"""By so much the weighted sum of squares has to be lower for an optimum to be another."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a profile: coordinates and rises of the weighted sum of squares, from the optimum on outwards.

    ``limit`` is the coordinate at which the rise reaches the threshold; None where it does not within the bounds.
    ``better`` is a point with a lower sum than the optimum, if one was met; ``held`` are other parameters that had come
    to an end of their range when the limit was reached, so that the range sets it.
    """

    coordinates: tuple[float, ...]
    rises: tuple[float, ...]
    limit: float | None
    better: Array | None = None
    n_failed: int = 0
    held: tuple[int, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Walk:
    """A way along coordinate ``j``, to one side of the optimum ``z`` (p,) with its sum of squares ``chi2``.

    ``first`` is the distance at which linear theory expects the rise to reach ``threshold``, and ``slope`` (p,) how the
    other coordinates move along.
    """

    problem: FitProblem
    weights: Array
    z: Array
    chi2: float
    j: int
    direction: int
    first: float
    slope: Array
    threshold: float
    step: float
    most_steps: int

    @property
    def room(self) -> float:
        """Return how far the bound is."""
        return float(abs(self.problem.bounds[1 if self.direction > 0 else 0][self.j] - self.z[self.j]))

    def at(self, reach: float) -> float:
        """Return the coordinate at a distance of ``reach``."""
        return float(self.z[self.j] + self.direction * reach)

    def fitted(self, reach: float, guess: Array) -> Asking[Descended | None]:
        """Return the fit of the others with the coordinate held at ``reach``, from ``guess`` on."""
        start = guess.copy()
        start[self.j] = self.at(reach)
        free = np.array([i for i in range(len(self.z)) if i != self.j], dtype=np.int64)
        return descend(
            self.problem, self.weights, start, free=free, step=self.step, most_steps=self.most_steps,
            tolerance=TOLERANCE,
        )  # fmt: skip


def walk(way: Walk) -> Asking[Side]:
    """Move a coordinate away from the optimum until the sum of squares has risen by the threshold.

    The others are fitted anew at every point, from where their last movement leads. Source: Raue et al. 2009,
    doi:10.1093/bioinformatics/btp358.
    """
    distances, rises, track = [0.0], [0.0], [way.z]
    slope, stride, n_failed = way.direction * way.slope, min(0.5 * way.first, way.room), 0
    while len(distances) <= MOST_POINTS and stride > 1e-9 * way.problem.widths[way.j]:
        reach = min(distances[-1] + stride, way.room)
        found = yield from way.fitted(reach, track[-1] + (reach - distances[-1]) * slope)
        if found is None:
            n_failed += 1
            stride *= 0.5
            if n_failed > MOST_POINTS // 2:
                break
            continue
        rise = found.chi2 - way.chi2
        if rise < -_BETTER:
            return Side(_places(way, distances), tuple(rises), None, found.z, n_failed)
        slope = (found.z - track[-1]) / (reach - distances[-1])
        distances.append(reach)
        rises.append(max(rise, 0.0))
        track.append(found.z)
        if rise >= way.threshold:
            limit = yield from _refined(way, distances, rises, track)
            return Side(_places(way, distances), tuple(rises), limit, None, n_failed, _held(way, found.z))
        if reach >= way.room:
            break
        stride = _next_stride(distances, rises, way.threshold, way.first, way.room)
    return Side(_places(way, distances), tuple(rises), None, None, n_failed)


def _held(way: Walk, z: Array) -> tuple[int, ...]:
    """Return the other coordinates that have come to a bound since the optimum."""
    low, high = way.problem.bounds
    margin = AT_BOUND * way.problem.widths
    begun, now = (np.minimum(x - low, high - x) <= margin for x in (way.z, z))
    return tuple(int(i) for i in np.flatnonzero(now & ~begun) if i != way.j)


def _places(way: Walk, distances: list[float]) -> tuple[float, ...]:
    return tuple(way.at(distance) for distance in distances)


def _next_stride(distances: list[float], rises: list[float], threshold: float, first: float, room: float) -> float:
    """Return the next step: to a little beyond where the root of the rise, nearly straight, meets that of the limit."""
    slope = math.sqrt(rises[-1]) / distances[-1]
    ahead = (math.sqrt(threshold) - math.sqrt(rises[-1])) / slope if slope > 0.0 else math.inf
    n_left = max(MOST_POINTS - len(distances), 1)
    least = (room - distances[-1]) / n_left if ahead > room else 0.0
    return max(min(0.7 * ahead if ahead > 0.6 * first else 1.05 * ahead, 2.0 * distances[-1]), 0.1 * first, least)


def _refined(way: Walk, distances: list[float], rises: list[float], track: list[Array]) -> Asking[float]:
    """Return where the rise is the threshold: between the last two points, with more of them until it is near."""
    target = math.sqrt(way.threshold)
    i = len(distances) - 1
    reach = _crossing(distances[i - 1 : i + 1], rises[i - 1 : i + 1], way.threshold)
    for n in range(MOST_REFINEMENTS):
        share = (reach - distances[i - 1]) / (distances[i] - distances[i - 1])
        found = yield from way.fitted(reach, track[i - 1] + share * (track[i] - track[i - 1]))
        if found is None or not 0.0 < share < 1.0:
            break
        rise = max(found.chi2 - way.chi2, 0.0)
        distances.insert(i, reach)
        rises.insert(i, rise)
        track.insert(i, found.z)
        i += rise < way.threshold
        reach = _crossing(distances[i - 1 : i + 1], rises[i - 1 : i + 1], way.threshold)
        if abs(math.sqrt(rise) - target) <= NEAR * target:
            break
        if n % 2:  # where the rise has a bend, straight lines come near from one side only
            reach = 0.5 * (distances[i - 1] + distances[i])
    return way.at(reach)


def _crossing(distances: list[float], rises: list[float], threshold: float) -> float:
    """Interpolate the root of the rise, which is nearly straight."""
    a, b, target = math.sqrt(rises[0]), math.sqrt(rises[1]), math.sqrt(threshold)
    share = (target - a) / (b - a) if b > a else 1.0
    return distances[0] + share * (distances[1] - distances[0])
