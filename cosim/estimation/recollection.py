"""An ensemble that takes what is told late by what its members remember of then, without going back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.clock import Ticks
from cosim.estimation.belief import Array, Belief, Innovation, Measurement
from cosim.estimation.consistency import Consistency
from cosim.estimation.ensemble import EnsembleFilter, belief_of, taken
from cosim.estimation.timeline import Progress

OUTLYING: Final = 3.0
"""Expected standard deviations beyond which a value is trusted less: such a sensor has rather failed."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What sensors would have shown, by each member as it is believed now: ``shown`` (N, n_times, m) at ``times``."""

    times: tuple[Ticks, ...]
    shown: Array


class Recollection:
    """A belief of many members that goes on cycle by cycle.

    Each member remembers what it would have shown at the end of each cycle over the last ``horizon``. A measurement
    changes these memories along with the states, by their covariance; one told late is compared with the memory of the
    end of cycle nearest to when it was made. For a linear process without noise that is the same as going back, at the
    price of no step. A value further than ``OUTLYING`` standard deviations from what is expected is taken as if it had
    the variance that puts it there.

    Noise is put in last, so that models whose states are costly to change are changed once a cycle.

    Source: Sakov, Evensen and Bertino 2010, doi:10.1111/j.1600-0870.2009.00417.x (asynchronous assimilation); Evensen
    and van Leeuwen 2000, doi:10.1175/1520-0493(2000)128<1852:AEKSFN>2.0.CO;2 (the memories are a smoother).
    """

    def __init__(
        self,
        filter_: EnsembleFilter,
        belief: Belief,
        *,
        horizon: Ticks,
        consistency: Consistency | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._filter, self._horizon, self._belief = filter_, horizon, belief
        self._consistency = consistency or Consistency()
        if memory is None:
            memory = Memory((belief.time,), filter_.process.observe(belief.members)[:, None, :])
        self._memory = memory

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
        """What the members remember; with belief and consistency, all that is needed to go on."""
        return self._memory

    def proceed(self, end: Ticks, measurements: Sequence[Measurement]) -> Progress:
        """Go on to ``end`` with ``measurements`` made up to then, in any order."""
        begun = self._belief.time
        self._belief = self._filter.advanced(self._belief, end)
        self._remember(end)
        fresh = [item for item in measurements if self._memory.times[0] <= item.time <= end]
        innovations = tuple(self._take(item) for item in sorted(fresh, key=lambda item: item.time))
        self._belief = self._filter.scattered(self._belief, begun)
        late = tuple(item for item in measurements if item.time < self._memory.times[0])
        return Progress(innovations, late, 0)

    def _remember(self, end: Ticks) -> None:
        shown = self._filter.process.observe(self._belief.members)
        times = (*self._memory.times, end)
        n = sum(time < end - self._horizon for time in times)
        self._memory = Memory(times[n:], np.concatenate([self._memory.shown, shown[:, None, :]], axis=1)[:, n:])

    def _take(self, measurement: Measurement) -> Innovation:
        """Let one measurement change states and memories."""
        which = np.flatnonzero(measurement.is_there)
        n_members, n_times, n_sensors = self._memory.shown.shape
        nearest = int(np.argmin([abs(time - measurement.time) for time in self._memory.times]))
        n = self._belief.members.shape[1]
        together = np.hstack([self._belief.members, self._memory.shown.reshape(n_members, -1)])
        mean = together.mean(axis=0)
        deviations = together - mean
        places = n + nearest * n_sensors + which
        scatter = deviations[:, places].T @ deviations[:, places] / (n_members - 1)
        differences = measurement.values[which] - mean[places]
        expected = np.diag(scatter) + measurement.variances[which]
        variances = measurement.variances[which] + np.maximum((differences / OUTLYING) ** 2 - expected, 0.0)
        innovation = Innovation(measurement.time, differences, scatter + np.diag(variances), which)
        for place, value, variance in zip(places.tolist(), measurement.values[which], variances, strict=True):
            mean, deviations = taken(mean, deviations, place, value=value, variance=variance)
        together = mean + deviations
        self._memory = Memory(self._memory.times, together[:, n:].reshape(n_members, n_times, n_sensors))
        self._consistency = self._consistency.after(innovation)
        members = self._filter.bounds.kept(together[:, :n])
        self._belief = belief_of(self._memory.times[-1], members, self._consistency.inflation)
        return innovation
