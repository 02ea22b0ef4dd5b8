"""Surfaces fitted to runs over the factors that are set and those that scatter, and how well they predict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.study.design_space.grid import Roles
from cosim.study.gaussian_process import fit_process
from cosim.study.problem import Array, Problem
from cosim.study.quadratic import Quadratic, fit_scaled, left_out

TAIL: Final = 1e-3
"""Factors that scatter are sampled evenly between the quantiles of this share and of the rest."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """To -1…1: factors that are set by their ranges, those that scatter by their quantiles."""

    middles: Array
    halves: Array
    n_design: int

    def design(self, x: Array) -> Array:
        """Scale factors that are set."""
        return self._scaled(x, slice(None, self.n_design))

    def noise(self, w: Array) -> Array:
        """Scale factors that scatter."""
        return self._scaled(w, slice(self.n_design, None))

    def all(self, points: Array) -> Array:
        """Scale both, in this order."""
        return self._scaled(points, slice(None))

    def _scaled(self, values: Array, part: slice) -> Array:
        found: Array = (values - self.middles[part]) / self.halves[part]
        return found

    def points(self, cube: Array) -> Array:
        """Turn points of the unit cube into values."""
        found: Array = self.middles + (2.0 * cube - 1.0) * self.halves
        return found


def scaling_of(problem: Problem, roles: Roles) -> Scaling:
    """Return how the factors of ``problem`` are scaled."""
    ends = [problem.factors[i].distribution.bounds for i in roles.design]
    for i in roles.noise:
        low, high = problem.factors[i].distribution.quantile(np.array([TAIL, 1.0 - TAIL])).tolist()
        ends.append((low, high))
    low, high = np.array(ends).T
    return Scaling((low + high) / 2.0, (high - low) / 2.0, len(roles.design))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A ``surface``; ``error`` is the root of the mean square by which runs miss the surface through all others.

    ``explained`` is the share of the variance that it predicts of runs left out.
    """

    kind: str
    surface: Callable[[Array, Array], Array]
    error: float
    explained: float


def best_fit(kind: str, x: Array, values: Array) -> Fitted | None:
    """Fit ``kind``, or the better of both for 'best', to ``values`` (n,) at ``x`` (n, k); None where too few."""
    found = [_fit(name, x, values) for name in ("quadratic", "gaussian_process") if kind in (name, "best")]
    there = [item for item in found if item is not None]
    return min(there, key=lambda item: item.error) if there else None


def _fit(kind: str, x: Array, values: Array) -> Fitted | None:
    k = x.shape[1]
    if len(values) < 2 * (k + 1):
        return None
    if kind == "gaussian_process":
        process = fit_process(x, values)
        return _judged(kind, process, process.missed, values)
    n_terms = 1 + k + k * (k + 1) // 2
    quadratic = fit_scaled(x, values) if len(values) > n_terms else None
    return None if quadratic is None else _judged(kind, _paired(quadratic), left_out(x, values), values)


def _judged(kind: str, surface: Callable[[Array, Array], Array], missed: Array, values: Array) -> Fitted:
    total = float(np.mean((values - np.mean(values)) ** 2))
    square = float(np.mean(missed**2))
    return Fitted(kind.replace("_", " "), surface, square**0.5, 1.0 - square / total if total > 0.0 else 1.0)


def _paired(quadratic: Quadratic) -> Callable[[Array, Array], Array]:
    """Return ``quadratic`` at every pair of factors that are set and draws of those that scatter."""

    def surface(x: Array, w: Array) -> Array:
        points = np.hstack([np.repeat(x, len(w), axis=0), np.tile(w, (len(x), 1))])
        return quadratic(points).reshape(len(x), len(w))

    return surface
