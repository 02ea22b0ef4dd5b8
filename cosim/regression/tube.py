"""The tube around a curve: what it does within a time tolerance, widened by a value tolerance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.regression.curve import Array, Curve, Ticks, values_at


def band(curve: Curve, at: Ticks, reach: int, margin: float) -> tuple[Array, Array]:
    """Return the lowest and highest value (m,) that the tube allows at each of the times ``at`` (m,) [ns].

    lower(t) = min y(s) − margin, upper(t) = max y(s) + margin, over all s with |s − t| ≤ ``reach`` [ns], both sides of
    a jump included. Beyond the ends of the curve there is nothing to be inside of: times are taken to lie between them.
    """
    early = np.clip(at - reach, curve.ticks[0], curve.ticks[-1])
    late = np.clip(at + reach, curve.ticks[0], curve.ticks[-1])
    ends = np.stack([values_at(curve.ticks, curve.values, moments.astype(np.float64)) for moments in (early, late)])
    first = np.searchsorted(curve.ticks, early, "left")
    last = np.searchsorted(curve.ticks, late, "right")
    inside = RangeExtremes(curve.values)
    lowest, highest = inside.between(first, last)
    return np.minimum(lowest, ends.min(axis=0)) - margin, np.maximum(highest, ends.max(axis=0)) + margin


class RangeExtremes:
    """Smallest and largest of any range of ``values``, from those of ranges whose length is a power of two."""

    def __init__(self, values: Array) -> None:
        self._lowest, self._highest = [values], [values]
        length = 1
        while 2 * length <= len(values):
            low, high = self._lowest[-1], self._highest[-1]
            self._lowest.append(np.minimum(low[:-length], low[length:]))
            self._highest.append(np.maximum(high[:-length], high[length:]))
            length *= 2

    def between(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return both for each range ``first`` ≤ i < ``last``; of an empty one ∞ and −∞."""
        lowest, highest = np.full(len(first), np.inf), np.full(len(first), -np.inf)
        count = last - first
        level = np.frexp(np.maximum(count, 1).astype(np.float64))[1] - 1
        for power in np.unique(level[count > 0]).tolist():
            chosen = (level == power) & (count > 0)
            one, two = first[chosen], last[chosen] - (1 << power)
            lowest[chosen] = np.minimum(self._lowest[power][one], self._lowest[power][two])
            highest[chosen] = np.maximum(self._highest[power][one], self._highest[power][two])
        return lowest, highest


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A curve as it was looked at beside another: at which times (m,) it had which values (m,)."""

    ticks: Ticks
    values: Array

    def excess(self, reference: Curve, reach: int, margin: float) -> Array:
        """Return by how much it is outside the tube around ``reference``: negative inside, ∞ where it is no number."""
        with np.errstate(invalid="ignore", over="ignore"):
            lower, upper = band(reference, self.ticks, reach, margin)
            outside = np.maximum(self.values - upper, lower - self.values)
        return np.where(np.isfinite(outside), outside, np.inf)


def sight(reference: Curve, candidate: Curve, reach: int, *, is_measured: bool) -> Sight:
    """Look at ``candidate`` where both are known, give or take ``reach``: at its points and those of ``reference``.

    A measured reference says nothing between its points: there only its own are looked at.
    """
    begin = max(reference.ticks[0], candidate.ticks[0]) - reach
    end = min(reference.ticks[-1], candidate.ticks[-1]) + reach
    moments = reference.ticks[(reference.ticks >= begin) & (reference.ticks <= end)]
    between = values_at(candidate.ticks, candidate.values, moments.astype(np.float64))
    own = (candidate.ticks >= begin) & (candidate.ticks <= end) & (not is_measured)
    ticks = np.concatenate([candidate.ticks[own], moments])
    values = np.concatenate([candidate.values[own], between])
    order = np.argsort(ticks, kind="stable")
    return Sight(ticks[order], values[order])
