"""A quantity over time as a line through points, in which a jump is one time written twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The line through ``values`` (n,) [``unit``] at ``ticks`` (n,) [ns], which do not decrease; n is at least 1.

    Of a study, ``ticks`` are the numbers of runs.
    """

    name: str
    ticks: Ticks
    values: Array
    unit: str | None = None
    axis: Literal["time", "run"] = "time"

    @property
    def component(self) -> str:
        """The part of the name before the first dot."""
        return self.name.partition(".")[0]


def held(ticks: Ticks, values: Array) -> tuple[Ticks, Array]:
    """Return the line of samples of which each holds until the next: with a jump where it changes."""
    if len(ticks) < 2:
        return ticks, values
    changes = np.flatnonzero((values[1:] != values[:-1]) & (ticks[1:] > ticks[:-1])) + 1
    return np.insert(ticks, changes, ticks[changes]), np.insert(values, changes, values[changes - 1])


def values_at(ticks: Ticks, values: Array, at: Array) -> Array:
    """Interpolate linearly at times ``at`` (m,), after the jump where there is one; beyond its ends the line is level.

    A value that is not finite spoils the piece of the line on either side of it, as it should.
    """
    before = np.clip(np.searchsorted(ticks, at, "right") - 1, 0, len(ticks) - 1)
    after = np.minimum(before + 1, len(ticks) - 1)
    width = (ticks[after] - ticks[before]).astype(np.float64)
    share = np.clip(np.where(width > 0, (at - ticks[before]) / np.maximum(width, 1.0), 0.0), 0.0, 1.0)
    left, right = values[before], values[after]
    with np.errstate(invalid="ignore", over="ignore"):
        between = left + share * (right - left)
    return np.where(share == 0.0, left, np.where(share == 1.0, right, between))


def thinned(ticks: Ticks, values: Array, tolerance: float) -> NDArray[np.int64]:
    """Choose points such that the line through them is nowhere farther than ``tolerance`` from the line through all.

    Both ends, both sides of a jump, and whatever is not finite are kept.

    Source: D. H. Douglas, T. K. Peucker, Cartographica 10 (1973) 112, with distances measured along the value.
    """
    n = len(ticks)
    kept = np.zeros(n, dtype=bool)
    kept[[0, -1]] = True
    jumps = np.flatnonzero(ticks[1:] == ticks[:-1])
    kept[jumps] = kept[jumps + 1] = True
    kept |= ~np.isfinite(values)
    ends = np.flatnonzero(kept)
    pieces = list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    while pieces:
        first, last = pieces.pop()
        if last - first < 2 or not (np.isfinite(values[first]) and np.isfinite(values[last])):
            kept[first : last + 1] = True  # nothing between, or next to what is not finite
            continue
        inner = slice(first + 1, last)
        share = (ticks[inner] - ticks[first]) / float(ticks[last] - ticks[first])
        distance = np.abs(values[inner] - (values[first] + share * (values[last] - values[first])))
        farthest = int(np.argmax(distance))
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            kept[middle] = True
            pieces += [(first, middle), (middle, last)]
    return np.flatnonzero(kept)
