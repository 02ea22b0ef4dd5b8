"""Values between and beyond communication points, from polynomials through the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cosim.algorithm.outlet import Array
from cosim.clock import Ticks


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
    """Values of one participant at its last communication points, the oldest first."""

    times: tuple[Ticks, ...]
    values: tuple[Array, ...]

    def at(self, time: Ticks) -> Array:
        """Return the values at ``time``."""
        return self._sum(weights_at([item - time for item in self.times], 0.0))

    def mean(self, start: Ticks, end: Ticks) -> Array:
        """Return the mean from ``start`` to ``end``."""
        return self._sum(weights_of_mean([item - start for item in self.times], 0.0, end - start))

    def then(self, time: Ticks, values: Array, n_points: int) -> Trace:
        """Return the trace with one more point, or another value at its last, cut to the last ``n_points``."""
        keep = self.times.index(time) if time in self.times else len(self.times)
        times, kept = (*self.times[:keep], time), (*self.values[:keep], values)
        return Trace(times[-n_points:], kept[-n_points:])

    def _sum(self, weights: Sequence[float]) -> Array:
        total = weights[0] * self.values[0]
        for weight, values in zip(weights[1:], self.values[1:], strict=True):
            total += weight * values
        return total
