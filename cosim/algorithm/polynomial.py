"""Values between and beyond communication points, from polynomials through the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial, perm

import numpy as np

from cosim.algorithm.outlet import Array
from cosim.clock import TICKS_PER_SECOND, Ticks


def weights_at(times: Sequence[float], time: float) -> list[float]:
    """Return what each of the values at ``times`` counts for in Lagrange's polynomial at ``time``."""
    weights = []
    for i, own in enumerate(times):
        weight = 1.0
        for j, other in enumerate(times):
            if j != i:
                weight *= (time - other) / (own - other)
        weights.append(weight)
    return weights


def weights_of_mean(times: Sequence[float], start: float, end: float) -> list[float]:
    """Return what each value counts for in the mean of the polynomial from ``start`` to ``end``.

    Simpson's rule, exact up to four ``times``.
    """
    points = (start, 0.5 * (start + end), end)
    return [(a + 4.0 * b + c) / 6.0 for a, b, c in zip(*(weights_at(times, point) for point in points), strict=True)]


@dataclass(frozen=True, slots=True)
class Trace:
    """Values (n,) of one participant at its last communication points, the oldest first.

    ``rates`` are their derivatives there, (n_orders, n) [unit/s^order] with n_orders = 0 where none are known. With
    them, a polynomial goes through the last point alone beyond it, and through the last two, with the first of the
    derivatives (Hermite's cubic), before it: a receiver that takes three derivatives then ends where the sender did.
    """

    times: tuple[Ticks, ...]
    values: tuple[Array, ...]
    rates: tuple[Array, ...]

    def at(self, time: Ticks) -> Array:
        """Return the values at ``time``."""
        if time == self.times[-1]:
            return self.values[-1]
        if len(self.rates[-1]):
            values: Array = self.taylor(time)[0]
            return values
        return self._sum(weights_at([item - time for item in self.times], 0.0))

    def mean(self, start: Ticks, end: Ticks) -> Array:
        """Return the mean from ``start`` to ``end``."""
        if not len(self.rates[-1]):
            return self._sum(weights_of_mean([item - start for item in self.times], 0.0, end - start))
        size = (end - start) / TICKS_PER_SECOND
        terms = self.taylor(start)
        mean: Array = np.array([size**k / factorial(k + 1) for k in range(len(terms))]) @ terms
        return mean

    def taylor(self, time: Ticks) -> Array:
        """Return value and derivatives of the polynomial at ``time``, as (degree + 1, n) [unit/s^order]."""
        nodes = self._nodes(time)
        places = [(self.times[i] - time) / TICKS_PER_SECOND for i in nodes]
        scale = max(map(abs, places)) or 1.0
        n_rates = 1 if len(nodes) == 2 and len(self.rates[-1]) else None
        known = [np.vstack([self.values[i], self.rates[i][:n_rates]]) for i in nodes]
        degree = sum(map(len, known)) - 1
        rows = [
            [perm(j, k) * (place / scale) ** (j - k) if j >= k else 0.0 for j in range(degree + 1)]
            for place, terms in zip(places, known, strict=True)
            for k in range(len(terms))
        ]
        scaled = np.vstack([terms * scale ** np.arange(len(terms))[:, None] for terms in known])
        coefficients = np.linalg.solve(np.array(rows), scaled)
        factors = np.array([factorial(k) / scale**k for k in range(degree + 1)])
        result: Array = coefficients * factors[:, None]
        return result

    def then(self, time: Ticks, values: Array, n_points: int, rates: Array | None = None) -> Trace:
        """Return the trace with one more point, or another value at its last, cut to the last ``n_points``."""
        keep = self.times.index(time) if time in self.times else len(self.times)
        times, kept = (*self.times[:keep], time), (*self.values[:keep], values)
        slopes = (*self.rates[:keep], no_rates(values) if rates is None else rates)
        return Trace(times[-n_points:], kept[-n_points:], slopes[-n_points:])

    def _nodes(self, time: Ticks) -> Sequence[int]:
        if not len(self.rates[-1]):
            return range(len(self.times))
        is_between = time < self.times[-1] and len(self.times) > 1
        return range(len(self.times) - (2 if is_between else 1), len(self.times))

    def _sum(self, weights: Sequence[float]) -> Array:
        total = weights[0] * self.values[0]
        for weight, values in zip(weights[1:], self.values[1:], strict=True):
            total += weight * values
        return total


def begin_trace(time: Ticks, values: Array, rates: Array | None = None) -> Trace:
    """Return the trace of what has been at one point only."""
    return Trace((time,), (values,), (no_rates(values) if rates is None else rates,))


def no_rates(values: Array) -> Array:
    """Return the derivatives of ``values`` where none are known."""
    return np.empty((0, len(values)))
