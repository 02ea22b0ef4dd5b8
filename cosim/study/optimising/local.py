"""A smooth optimum found step by step: trust regions with quadratic models (COBYQA), from several starts at once."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint

from cosim.study.fitting.asking import Ask, Asking, asking, together
from cosim.study.optimising.aims import HAIR, Aims, Judged, span
from cosim.study.optimising.space import DIGITS
from cosim.study.problem import Array

FIRST_STEP: Final = 0.1
"""Radius of the first trust region, as a share of each range."""
APART: Final = 0.2
"""Least distance between two starts, as a share of the diagonal, while there are runs that far apart."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a search came to: its runs (n, k) in the unit cube, their responses (n, m), and whether it had ended."""

    cube: Array
    values: Array
    has_ended: bool


def not_installed(method: str) -> Sequence[str]:
    """Object where COBYQA is not there."""
    if importlib.util.find_spec("cobyqa") is not None:
        return ()
    return (f"Solver 'local' of method '{method}' needs COBYQA: pip install 'bioprocess-cosim[study]'.",)


def starts(cube: Array, judged: Judged, n: int) -> list[int]:
    """Return up to ``n`` of the runs at ``cube`` (r, k): the best, then the best of those far from all chosen."""
    ranking = judged.ranking() or list(range(len(cube)))
    least = APART * np.sqrt(cube.shape[1])
    chosen: list[int] = []
    for i in ranking:
        if len(chosen) < n and all(np.linalg.norm(cube[i] - cube[j]) >= least for j in chosen):
            chosen.append(i)
    return chosen


class Descent:
    """One search from ``start`` (k,), which counts on what the first runs gave, ``values`` (r, m)."""

    def __init__(self, aims: Aims, start: Array, values: Array, radius: float) -> None:
        self._aims, self._start, self._radius = aims, start, radius
        costs = aims.costs(values)[:, 0]
        self._origin, self._span = _least(costs), span(costs)
        self._spans = np.array([span(values[:, item.column]) for item in aims.limits])
        self._cube: list[Array] = []
        self._values: list[Array] = []
        self._has_ended = False

    def arrival(self) -> Arrival:
        """Return where it is."""
        n_factors, n_responses = len(self._start), self._values[0].shape[0] if self._values else 0
        cube = np.array(self._cube).reshape(-1, n_factors)
        return Arrival(cube, np.array(self._values).reshape(len(cube), n_responses), self._has_ended)

    def search(self) -> Asking[None]:
        """Ask for one run after the other until the trust region is as small as wanted."""
        return asking(self._minimise)

    def _minimise(self, ask: Ask) -> None:
        from cobyqa import minimize

        known: dict[bytes, Array] = {}

        def scaled(x: Array) -> Array:
            """Return cost, then excesses, each as a share of what it spans."""
            place = np.asarray(np.round(np.clip(x, 0.0, 1.0), DIGITS), dtype=np.float64)
            if place.tobytes() not in known:
                known[place.tobytes()] = self._take(place, ask(place[None, :])[0])
            return known[place.tobytes()]

        k = len(self._start)
        limits = [NonlinearConstraint(lambda x: scaled(x)[1:], -np.inf, -HAIR)] if self._aims.limits else []
        options = {"radius_init": FIRST_STEP, "radius_final": self._radius, "maxfev": 10_000, "maxiter": 10_000}
        bounds = Bounds(np.zeros(k), np.ones(k))
        minimize(lambda x: float(scaled(x)[0]), self._start, bounds=bounds, constraints=limits, options=options)
        self._has_ended = True

    def _take(self, place: Array, values: Array) -> Array:
        """Keep a run; one without values is as bad as the worst of the first, and as much again."""
        self._cube.append(place)
        self._values.append(values)
        cost = (self._aims.costs(values[None, :])[0, 0] - self._origin) / self._span
        excesses = self._aims.excesses(values[None, :])[0] / self._spans
        return np.where(np.isfinite(found := np.array([cost, *excesses])), found, 2.0)


def _least(costs: Array) -> float:
    there = costs[np.isfinite(costs)]
    return float(np.min(there)) if len(there) else 0.0


def descents(aims: Aims, cube: Array, values: Array, n: int, radius: float) -> list[Descent]:
    """Return ``n`` searches that begin at the best of the runs at ``cube`` (r, k), which gave ``values`` (r, m)."""
    chosen = starts(cube, aims.judged(values), n)
    return [Descent(aims, cube[i], values, radius) for i in chosen]


def side_by_side(searches: Sequence[Descent]) -> Asking[None]:
    """Let ``searches`` ask together, one run of each at a time."""
    yield from together([search.search() for search in searches])
