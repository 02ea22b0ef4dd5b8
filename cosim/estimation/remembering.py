"""A belief that goes on cycle by cycle and takes what is told late by what is remembered of then."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.estimation.belief import Array, Belief, Innovation, Measurement
from cosim.estimation.consistency import Consistency
from cosim.estimation.timeline import Progress

OUTLYING: Final = 3.0
"""Expected standard deviations beyond which a value is trusted less: such a sensor has rather failed."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What sensors would have shown at ``times``, as believed now: ``arrays`` by name, those that a filter needs."""

    times: tuple[Ticks, ...]
    arrays: Mapping[str, Array]


class AbstractRecollection(ABC):
    """Never goes back: remembers over the last ``horizon`` what would have been shown at the end of each cycle.

    A measurement changes these memories along with the states, by their covariance; one told late is compared with the
    memory of the end of cycle nearest to when it was made. A value further than ``OUTLYING`` standard deviations from
    what is expected is taken as if it had the variance that puts it there.

    Noise is put in last, so that models whose states are costly to change are changed once a cycle. Inflated is where
    something was told: of silence a filter cannot be too sure.

    Source: Sakov, Evensen and Bertino 2010, doi:10.1111/j.1600-0870.2009.00417.x (asynchronous assimilation); Evensen
    and van Leeuwen 2000, doi:10.1175/1520-0493(2000)128<1852:AEKSFN>2.0.CO;2 (the memories are a smoother).
    """

    def __init__(
        self, belief: Belief, memory: Memory, *, horizon: Ticks, consistency: Consistency | None = None
    ) -> None:
        self._belief, self._memory, self._horizon = belief, memory, horizon
        self._consistency = consistency or Consistency()

    @property
    def belief(self) -> Belief:
        """What is believed now."""
        return self._belief

    @property
    def consistency(self) -> Consistency:
        """How the last measurements agreed with what was expected."""
        return self._consistency

    @property
    def memory(self) -> Memory:
        """What is remembered; with belief and consistency, all that is needed to go on."""
        return self._memory

    def proceed(self, end: Ticks, measurements: Sequence[Measurement]) -> Progress:
        """Go on to ``end`` with ``measurements`` made up to then, in any order."""
        begun = self._belief.time
        self._advance(end)
        fresh = [item for item in measurements if self._memory.times[0] <= item.time <= end]
        innovations = tuple(self._take(item) for item in sorted(fresh, key=lambda item: item.time))
        is_told = any(len(item.difference) for item in innovations)
        self._belief = replace(self._belief, inflation=self._consistency.inflation if is_told else 1.0)
        self._gain_noise(begun)
        late = tuple(item for item in measurements if item.time < self._memory.times[0])
        return Progress(innovations, late, 0)

    def _take(self, measurement: Measurement) -> Innovation:
        """Let one measurement change states and memories."""
        which = np.flatnonzero(measurement.is_there)
        nearest = int(np.argmin([abs(time - measurement.time) for time in self._memory.times]))
        expected, scatter = self._expected(nearest, which)
        differences = measurement.values[which] - expected
        noise = measurement.noise(which, expected, np.diag(scatter))
        variances = noise + np.maximum((differences / OUTLYING) ** 2 - np.diag(scatter) - noise, 0.0)
        innovation = Innovation(measurement.time, differences, scatter + np.diag(variances), which)
        self._consistency = self._consistency.after(innovation)
        self._learn(nearest, which, measurement.values[which], variances)
        return innovation

    def _times_with(self, end: Ticks) -> tuple[tuple[Ticks, ...], int]:
        """Return the times to be remembered at ``end``, and how many are forgotten."""
        times = (*self._memory.times, end)
        n_forgotten = sum(time < end - self._horizon for time in times)
        return times[n_forgotten:], n_forgotten

    @property
    @abstractmethod
    def weights(self) -> Array:
        """What each member counts in a mean (N,)."""

    @property
    @abstractmethod
    def doubt(self) -> float:
        """What the variance among members is to be multiplied with, for there are only so many."""

    @abstractmethod
    def mixture(self, n: int) -> Array:
        """Return ``n`` members that may be the truth, fewer where there are not so many, as shares of all (n, N)."""

    @abstractmethod
    def _advance(self, end: Ticks) -> None:
        """Let the model alone go on to ``end``, and remember what would be shown there."""

    @abstractmethod
    def _expected(self, place: int, which: NDArray[np.intp]) -> tuple[Array, Array]:
        """Return what is expected of sensors ``which`` (k,) in the memory at ``place``, and its covariance (k, k)."""

    @abstractmethod
    def _learn(self, place: int, which: NDArray[np.intp], values: Array, variances: Array) -> None:
        """Let ``values`` (k,) of sensors ``which`` at ``place`` change states and memories."""

    @abstractmethod
    def _gain_noise(self, since: Ticks) -> None:
        """Add the noise that is gained from ``since`` to now, and inflate as the belief says."""
