"""The estimator of a shadow: members that follow the twin's inputs and are moved by what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks, to_ticks
from cosim.estimation import (
    AbstractProcess,
    AbstractRecollection,
    Consistency,
    EnsembleFilter,
    Innovation,
    Measurement,
    Offsets,
    Recollection,
    UnscentedFilter,
    UnscentedRecollection,
)
from cosim.estimation.belief import Array, Bounds
from cosim.live.estimation_section import FEW, MEMBERS, UNSCENTED, EstimationSection
from cosim.live.quality import Quality
from cosim.opened import OpenExecution
from cosim.shadowing.estimating import Setup
from cosim.shadowing.following import Compared, Pair
from cosim.shadowing.keeping import Kept
from cosim.shadowing.members import Members
from cosim.shadowing.outlook import Estimate

QUANTILE: Final = 1.959964
"""Standard deviations within which 95 % of a normal distribution lie."""
_DAY: Final = 86_400.0
LASTING: Final = 2.0 * _DAY
"""In which a lasting error of a sensor fades to 1/e [s]: a drift of days, which one would not see in an hour."""
_DOUBT: Final = 4.0
"""By which the variance of a value of uncertain quality is multiplied."""
_BEGIN: Final = Consistency(window=36, most=1.05, rate=0.005)
"""Inflates gently: a cycle is short against what the states take to move."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a cycle: tags of instruments that showed nothing, and innovations, those of the cycle's end first.

    ``n_replaced`` members failed in it. ``places`` of innovations are those of the sensors of the setup. ``too_late``
    are the tags of samples that were not used, with when they were taken.
    """

    missing: tuple[str, ...]
    innovations: tuple[Innovation, ...]
    n_replaced: int
    too_late: tuple[tuple[str, Ticks], ...] = ()


class Estimator:
    """Follows the cycles that the twin of ``execution`` has taken; ends with ``close``."""

    def __init__(
        self, section: EstimationSection, setup: Setup, execution: OpenExecution, kept: Kept | None = None
    ) -> None:
        """Begin where ``execution`` is, or go on from what was ``kept`` there."""
        self.setup, self._execution, self._section = setup, execution, section
        self._n = len(setup.estimated)
        self._offsets = np.array([sensor.offset for sensor in setup.sensors if sensor.offset > 0.0])
        self.n_members = n_members(section, self._n + len(self._offsets))
        sensors = [sensor.variable for sensor in setup.sensors]
        self.members = Members(execution, self.n_members, setup.estimated, sensors)
        try:
            self.prior = self.members.present[0] if kept is None else kept.prior
            self._line = self._begin() if kept is None else self._go_on(kept)
        except BaseException:
            self.close()
            raise

    def _begin(self) -> AbstractRecollection:
        begins = to_ticks(self._execution.time)
        mean = np.concatenate([self.prior, np.zeros(len(self._offsets))])
        covariance = np.diag(np.concatenate([self.setup.spreads * self.prior, self._offsets]) ** 2)
        if self.is_unscented:
            unscented = self._unscented()
            belief = unscented.begin(begins, mean, covariance)
            return UnscentedRecollection(unscented, belief, horizon=self._section.horizon, consistency=_BEGIN)
        ensemble = self._ensemble()
        belief = ensemble.begin(begins, mean, covariance, self.n_members)
        return Recollection(ensemble, belief, horizon=self._section.horizon, consistency=_BEGIN)

    def _go_on(self, kept: Kept) -> AbstractRecollection:
        self.members.resume(kept.checkpoints)
        horizon = self._section.horizon
        if self.is_unscented:
            return UnscentedRecollection(
                self._unscented(), kept.belief, horizon=horizon, consistency=kept.consistency, memory=kept.memory
            )
        return Recollection(
            self._ensemble(), kept.belief, horizon=horizon, consistency=kept.consistency, memory=kept.memory
        )

    def _unscented(self) -> UnscentedFilter:
        return UnscentedFilter(self._process, self._noise, self._bounds, relative=self._relative)

    def _ensemble(self) -> EnsembleFilter:
        seed = self._section.seed
        return EnsembleFilter(self._process, self._noise, self._bounds, seed=seed, relative=self._relative)

    @property
    def _process(self) -> AbstractProcess:
        if not len(self._offsets):
            return self.members
        places = np.array([i for i, sensor in enumerate(self.setup.sensors) if sensor.offset > 0.0])
        return Offsets(self.members, self._n, places, LASTING)

    @property
    def _noise(self) -> Array:
        return np.diag(np.concatenate([np.zeros(self._n), 2.0 * self._offsets**2 / LASTING]))

    @property
    def _relative(self) -> Array:
        return np.concatenate([self.setup.noises**2 / _DAY, np.zeros(len(self._offsets))])

    @property
    def _bounds(self) -> Bounds:
        free = np.full(len(self._offsets), np.inf)
        known = self.setup.bounds
        return Bounds(np.concatenate([known.low, -free]), np.concatenate([known.high, free]))

    def kept(self, notes: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> Kept:
        """Return all that is needed to go on from here, with ``notes`` and ``arrays`` of others."""
        line = self._line
        checkpoints = self.members.checkpoints()
        return Kept(checkpoints, line.belief, line.consistency, line.memory, self.prior, notes, arrays or {})

    @property
    def consistency(self) -> Consistency:
        """How the last measurements agreed with what was expected."""
        return self._line.consistency

    @property
    def time(self) -> Ticks:
        """Where it stands."""
        return self._line.belief.time

    @property
    def states(self) -> Array:
        """What is estimated, by each member, (n_members, n)."""
        return self._line.belief.members[:, : self._n]

    @property
    def is_unscented(self) -> bool:
        """True where the members were placed on purpose, False where they were drawn."""
        return is_unscented(self._section, self._n + len(self._offsets))

    def mixture(self, n: int) -> Array:
        """Return ``n`` members that may be the truth, as shares of all of them (n, n_members)."""
        return self._line.mixture(n)

    def close(self) -> None:
        """End all members; legal any number of times."""
        self.members.close()

    def take(self, compared: Compared) -> Taken:
        """Go on to the end of the cycle with what was measured.

        Raises
        ------
        EstimationError
            When the models of all members have failed; only ``close`` is legal then.
        """
        cycle, replaced = compared.cycle, self.members.n_replaced
        for name in self.setup.drives:
            self.members.put_input(name, cycle.start, self._execution[name])
        now, late = _fresh(compared)
        told = [self._measurement(pair.time, [pair]) for pair in (*late, *compared.samples)]
        told = [self._measurement(cycle.end, now), *(item for item in told if item.is_there.any())]
        progress = self._line.proceed(cycle.end, told)
        self.members.place(self.states)
        missing = tuple(
            sensor.tag.name
            for sensor in self.setup.sensors
            if sensor.is_instrument and cycle.values[sensor.tag.name].quality is Quality.MISSING
        )
        innovations = sorted(progress.innovations, key=lambda item: -item.time)
        too_late = tuple(
            (self.setup.sensors[i].tag.name, item.time)
            for item in progress.too_late
            for i in np.flatnonzero(item.is_there).tolist()
        )
        return Taken(missing, tuple(innovations), self.members.n_replaced - replaced, too_late)

    def _measurement(self, time: Ticks, pairs: Sequence[Pair]) -> Measurement:
        by_tag = {pair.tag: pair for pair in pairs}
        found = [(np.nan, 1.0, 0.0)] * len(self.setup.sensors)
        doubts = np.ones(len(found))
        for i, sensor in enumerate(self.setup.sensors):
            pair = by_tag.get(sensor.tag.name)
            if pair is not None and pair.quality is not Quality.MISSING:
                found[i] = sensor.read(pair.measured)
                doubts[i] = _DOUBT if pair.quality is Quality.UNCERTAIN else 1.0
        values, variances, relative = np.array(found).T
        return Measurement(time, values, doubts * variances, doubts * relative)

    def outputs(self) -> tuple[Estimate, ...]:
        """Return what is believed of the outputs, the soft sensors."""
        columns = self.members.read([item.name for item in self.setup.outputs]).T
        return tuple(
            self._estimate(item.name, item.unit, column * item.change.factor + item.change.offset, item.low)
            for item, column in zip(self.setup.outputs, columns, strict=True)
        )

    def parameters(self) -> tuple[Estimate, ...]:
        """Return what is believed of the parameters."""
        chosen = slice(self.setup.n_states, None)
        return tuple(
            self._estimate(str(item), unit, column, item.low)
            for item, unit, column in zip(
                self.setup.estimated[chosen], self.setup.units[chosen], self.states.T[chosen], strict=True
            )
        )

    def _estimate(self, name: str, unit: str, values: Array, least: float) -> Estimate:
        """Return mean and interval of ``values`` (n_members,), which are told to be no less than ``least``."""
        weights = self._line.weights
        mean = float(weights @ values)
        half = QUANTILE * float(self._line.doubt * weights @ (values - mean) ** 2) ** 0.5
        return Estimate(name, unit, mean, max(mean - half, least), mean + half)


def _fresh(compared: Compared) -> tuple[list[Pair], list[Pair]]:
    """Return what instruments have measured in this cycle, and what came too late for an earlier one.

    What is held has counted already.
    """
    cycle, now, late = compared.cycle, [], []
    for pair in compared.pairs:
        aligned = cycle.values[pair.tag]
        if aligned.n and aligned.age < cycle.end - cycle.start:
            now.append(pair)
        elif aligned.n:
            late.append(replace(pair, time=Ticks(cycle.end - aligned.age)))
    return now, late


def is_unscented(section: EstimationSection, n: int) -> bool:
    """Tell whether ``n`` states and parameters are estimated by the unscented filter."""
    if section.filter is not None:
        return section.filter == UNSCENTED
    return section.members is None and n <= FEW


def n_members(section: EstimationSection, n: int) -> int:
    """Return how many copies estimate ``n`` states and parameters."""
    return 2 * n + 1 if is_unscented(section, n) else section.members or MEMBERS
