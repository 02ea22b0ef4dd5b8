"""An ensemble that takes what is told late by what its members remember of then."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.estimation.belief import Array, Belief
from cosim.estimation.consistency import Consistency
from cosim.estimation.ensemble import EnsembleFilter, belief_of, taken
from cosim.estimation.remembering import AbstractRecollection, Memory


class Recollection(AbstractRecollection):
    """Each member remembers what it would have shown: ``shown`` (N, n_times, m) of the memory.

    For a linear process without noise that is the same as going back, at the price of no step.
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
        self._filter = filter_
        if memory is None:
            memory = Memory((belief.time,), {"shown": filter_.process.observe(belief.members)[:, None, :]})
        super().__init__(belief, memory, horizon=horizon, consistency=consistency)

    @property
    def weights(self) -> Array:  # noqa: D102
        n = len(self._belief.members)
        return np.full(n, 1.0 / n)

    @property
    def doubt(self) -> float:  # noqa: D102
        n = len(self._belief.members)
        return (n + 1.0) / (n - 1.0)

    def mixture(self, n: int) -> Array:  # noqa: D102
        n_members = len(self._belief.members)
        return np.asarray(np.eye(n_members)[np.unique(np.linspace(0, n_members - 1, n).round().astype(int))])

    @property
    def _shown(self) -> Array:
        return self._memory.arrays["shown"]

    def _advance(self, end: Ticks) -> None:
        self._belief = self._filter.advanced(self._belief, end)
        shown = self._filter.process.observe(self._belief.members)
        times, n = self._times_with(end)
        self._memory = Memory(times, {"shown": np.concatenate([self._shown, shown[:, None, :]], axis=1)[:, n:]})

    def _expected(self, place: int, which: NDArray[np.intp]) -> tuple[Array, Array]:
        shown = self._shown[:, place, which]
        mean = shown.mean(axis=0)
        return mean, (shown - mean).T @ (shown - mean) / (len(shown) - 1)

    def _learn(self, place: int, which: NDArray[np.intp], values: Array, variances: Array) -> None:
        n_members, n_times, n_sensors = self._shown.shape
        n = self._belief.members.shape[1]
        together = np.hstack([self._belief.members, self._shown.reshape(n_members, -1)])
        mean = together.mean(axis=0)
        deviations = together - mean
        places = n + place * n_sensors + which
        for k, value, variance in zip(places.tolist(), values, variances, strict=True):
            mean, deviations = taken(mean, deviations, k, value=value, variance=variance)
        together = mean + deviations
        self._memory = Memory(self._memory.times, {"shown": together[:, n:].reshape(n_members, n_times, n_sensors)})
        members = self._filter.bounds.kept(together[:, :n])
        self._belief = belief_of(self._memory.times[-1], members)

    def _gain_noise(self, since: Ticks) -> None:
        self._belief = self._filter.scattered(self._belief, since)
