"""What a filter believes, what it is told, and how far the two were apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import EstimationError

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Belief:
    """The states at ``time`` as members (N, n) whose weighted mean and scatter are those of the states.

    ``mean`` (n,) and ``covariance`` (n, n) are what a filter has made of them; ``inflation`` multiplies the covariance
    that the next prediction ends with.
    """

    time: Ticks
    mean: Array
    covariance: Array
    members: Array
    inflation: float = 1.0

    @property
    def deviations(self) -> Array:
        """Standard deviation of each state (n,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What states cannot leave, (n,) each; infinite where there is no bound."""

    low: Array
    high: Array

    def kept(self, states: Array) -> Array:
        """Return ``states`` (…, n) moved to the bounds where they lie beyond."""
        return np.clip(states, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What sensors showed at ``time``: ``values`` (m,), NaN where one showed nothing, and their ``variances`` (m,).

    ``relative`` (m,) is what they have more, as a share of the square of what they measure.
    """

    time: Ticks
    values: Array
    variances: Array
    relative: Array | float = 0.0

    def __post_init__(self) -> None:
        if self.values.shape != self.variances.shape:
            text = f"A measurement has {self.values.size} values and {self.variances.size} variances."
            raise EstimationError(f"{text} Give a variance for each.")
        told = (self.variances + self.relative)[self.is_there]
        if not np.all(np.isfinite(told)) or np.any(told <= 0.0):
            raise EstimationError(
                "A measurement has a variance that is not positive. No sensor is exact; state its noise."
            )

    def noise(self, which: NDArray[np.intp], expected: Array, spread: Array) -> Array:
        """Return the variances of the values at ``which`` (k,) where ``expected`` (k,) with variances ``spread`` was.

        What is measured is not known: its square is that expected, or that shown where it is more.
        """
        squares = np.maximum(expected**2 + spread, self.values[which] ** 2)
        relative = np.broadcast_to(self.relative, self.values.shape)[which]
        return np.asarray(np.maximum(self.variances[which] + relative * squares, np.finfo(float).tiny))

    @property
    def is_there(self) -> NDArray[np.bool_]:
        """Which values there are, (m,)."""
        return np.isfinite(self.values)


@dataclass(frozen=True, slots=True)
class Innovation:
    """How far a measurement was from what was expected, for the ``k`` values that there were.

    ``difference`` (k,) measured less expected, ``covariance`` (k, k) of that difference as the filter expects it,
    ``which`` (k,) the places of the values.
    """

    time: Ticks
    difference: Array
    covariance: Array
    which: NDArray[np.intp]

    @property
    def squared(self) -> float:
        """The normalised innovation squared, which scatters like χ² with k degrees of freedom if the filter is right.

        Source: Bar-Shalom, Li and Kirubarajan 2001, Estimation with Applications to Tracking and Navigation, 5.4.
        """
        if not len(self.difference):
            return 0.0
        return float(self.difference @ np.linalg.solve(self.covariance, self.difference))

    @property
    def standardised(self) -> Array:
        """Each difference over its expected standard deviation, (k,)."""
        deviations = np.sqrt(np.diag(self.covariance))
        return np.asarray(self.difference / deviations, dtype=np.float64)
