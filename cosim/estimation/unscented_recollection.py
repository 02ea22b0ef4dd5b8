"""An unscented filter that takes what is told late by how what was shown then goes with the states now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.estimation.belief import Array, Belief
from cosim.estimation.consistency import Consistency
from cosim.estimation.remembering import AbstractRecollection, Memory
from cosim.estimation.unscented import UnscentedFilter, inverse


class UnscentedRecollection(AbstractRecollection):
    """Remembers of each end of cycle a normal distribution, jointly with the states as they are now.

    The memory holds ``expected`` (n_times, m), ``own`` (n_times, m, m), its covariance, and ``cross`` (n_times, n, m),
    that with the states. What two ends of cycles have in common beyond the present states is left out: only the noise
    between them is. For a linear process a sample told late changes states as Kalman's filter would have, taken when it
    was made.

    Source: Särkkä 2008, doi:10.1109/TAC.2008.919531 (the unscented smoother, from which ``cross`` follows).
    """

    def __init__(
        self,
        filter_: UnscentedFilter,
        belief: Belief,
        *,
        horizon: Ticks,
        consistency: Consistency | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._filter = filter_
        if memory is None:
            shown = filter_.process.observe(belief.members)
            memory = Memory((belief.time,), {k: v[None] for k, v in self._moments(belief.members, shown).items()})
        super().__init__(belief, memory, horizon=horizon, consistency=consistency)

    @property
    def weights(self) -> Array:  # noqa: D102
        return self._filter.weights

    @property
    def doubt(self) -> float:  # noqa: D102
        return 1.0

    def mixture(self, n: int) -> Array:  # noqa: D102
        return self._filter.mixture(n)

    def _moments(self, members: Array, shown: Array) -> dict[str, Array]:
        """Return what is to be remembered of what ``members`` show (N, m)."""
        weights = self._filter.weights[:, None]
        states, values = members - (weights * members).sum(axis=0), shown - (weights * shown).sum(axis=0)
        return {
            "expected": (weights * shown).sum(axis=0), "own": values.T @ (weights * values),
            "cross": states.T @ (weights * values),
        }  # fmt: skip

    def _advance(self, end: Ticks) -> None:
        before, weights = self._belief.members, self._filter.weights[:, None]
        members = self._filter.process.advance(before, self._belief.time, end)
        shown = self._filter.process.observe(members)
        was, mean = before - (weights * before).sum(axis=0), (weights * members).sum(axis=0)
        moved = members - mean
        passage = moved.T @ (weights * was) @ inverse(was.T @ (weights * was))
        self._belief = replace(
            self._belief, time=end, mean=mean, covariance=moved.T @ (weights * moved), members=members
        )
        times, n = self._times_with(end)
        kept = dict(self._memory.arrays) | {"cross": passage @ self._memory.arrays["cross"]}
        now = self._moments(members, shown)
        self._memory = Memory(times, {k: np.concatenate([kept[k], now[k][None]])[n:] for k in kept})

    def _expected(self, place: int, which: NDArray[np.intp]) -> tuple[Array, Array]:
        arrays = self._memory.arrays
        return arrays["expected"][place, which], arrays["own"][place][np.ix_(which, which)]

    def _learn(self, place: int, which: NDArray[np.intp], values: Array, variances: Array) -> None:
        mean, covariance = self._belief.mean, self._belief.covariance
        expected, own, cross = (self._memory.arrays[name] for name in ("expected", "own", "cross"))
        for i, value, variance in zip(which.tolist(), values, variances, strict=True):
            scatter = own[place, i, i] + variance
            tells, gap = cross[place, :, i], (value - expected[place, i]) / scatter
            alike = np.einsum("tnm,n->tm", cross, inverse(covariance) @ tells)
            alike[place] = own[place, :, i]
            mean = mean + gap * tells
            expected = expected + gap * alike
            covariance = covariance - np.outer(tells, tells) / scatter
            cross = cross - tells[None, :, None] * alike[:, None, :] / scatter
            own = own - alike[:, :, None] * alike[:, None, :] / scatter
        self._memory = Memory(self._memory.times, {"expected": expected, "own": own, "cross": cross})
        self._belief = replace(
            self._belief, mean=self._filter.bounds.kept(mean), covariance=0.5 * (covariance + covariance.T)
        )

    def _gain_noise(self, since: Ticks) -> None:
        self._belief = self._filter.scattered(self._belief, since)
