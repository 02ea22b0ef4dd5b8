"""The estimator of a shadow: members that follow the twin's inputs and are moved by what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks, to_ticks
from cosim.estimation import Consistency, EnsembleFilter, Innovation, Measurement, Recollection
from cosim.estimation.belief import Array
from cosim.live.estimation_section import EstimationSection
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
_DOUBT: Final = 4.0
"""By which the variance of a value of uncertain quality is multiplied."""
_BEGIN: Final = Consistency(window=36, most=1.05, rate=0.005)
"""Inflates gently: a cycle is short against what the states take to move."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a cycle: tags of instruments that showed nothing, and innovations, those of the cycle's end first.

    ``n_replaced`` members failed in it. ``places`` of innovations are those of the sensors of the setup.
    """

    missing: tuple[str, ...]
    innovations: tuple[Innovation, ...]
    n_replaced: int


class Estimator:
    """Follows the cycles that the twin of ``execution`` has taken; ends with ``close``."""

    def __init__(
        self, section: EstimationSection, setup: Setup, execution: OpenExecution, kept: Kept | None = None
    ) -> None:
        """Begin where ``execution`` is, or go on from what was ``kept`` there."""
        self.setup, self._execution = setup, execution
        self.members = Members(
            execution, section.members, setup.estimated, [sensor.variable for sensor in setup.sensors]
        )
        try:
            self.prior = self.members.present[0] if kept is None else kept.prior
            self._line = self._begin(section) if kept is None else self._go_on(section, kept)
        except BaseException:
            self.close()
            raise

    def _filter(self, section: EstimationSection) -> EnsembleFilter:
        n = len(self.setup.estimated)
        relative = self.setup.noises**2 / _DAY
        return EnsembleFilter(self.members, np.zeros((n, n)), self.setup.bounds, seed=section.seed, relative=relative)

    def _begin(self, section: EstimationSection) -> Recollection:
        filter_ = self._filter(section)
        covariance = np.diag((self.setup.spreads * self.prior) ** 2)
        belief = filter_.begin(to_ticks(self._execution.time), self.prior, covariance, section.members)
        return Recollection(filter_, belief, horizon=section.horizon, consistency=_BEGIN)

    def _go_on(self, section: EstimationSection, kept: Kept) -> Recollection:
        self.members.resume(kept.checkpoints)
        return Recollection(
            self._filter(section), kept.belief, horizon=section.horizon, consistency=kept.consistency,
            memory=kept.memory,
        )  # fmt: skip

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
        return self._line.belief.members

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
        now = self._measurement(cycle.end, compared.pairs)
        samples = [self._measurement(pair.time, [pair]) for pair in compared.samples]
        progress = self._line.proceed(cycle.end, [now, *(item for item in samples if item.is_there.any())])
        self.members.place(self._line.belief.members)
        missing = tuple(
            sensor.tag.name
            for sensor, is_there in zip(self.setup.sensors, now.is_there, strict=True)
            if sensor.is_instrument and not is_there
        )
        innovations = sorted(progress.innovations, key=lambda item: -item.time)
        return Taken(missing, tuple(innovations), self.members.n_replaced - replaced)

    def _measurement(self, time: Ticks, pairs: Sequence[Pair]) -> Measurement:
        by_tag = {pair.tag: pair for pair in pairs}
        found = [(np.nan, 1.0)] * len(self.setup.sensors)
        for i, sensor in enumerate(self.setup.sensors):
            pair = by_tag.get(sensor.tag.name)
            if pair is not None and pair.quality is not Quality.MISSING:
                value, variance = sensor.read(pair.measured, pair.twin)
                found[i] = value, variance * (_DOUBT if pair.quality is Quality.UNCERTAIN else 1.0)
        values, variances = np.array(found).T
        return Measurement(time, values, variances)

    def outputs(self) -> tuple[Estimate, ...]:
        """Return what is believed of the outputs, the soft sensors."""
        columns = self.members.read([item.name for item in self.setup.outputs]).T
        return tuple(
            _estimate(item.name, item.unit, column * item.change.factor + item.change.offset, item.low)
            for item, column in zip(self.setup.outputs, columns, strict=True)
        )

    def parameters(self) -> tuple[Estimate, ...]:
        """Return what is believed of the parameters."""
        chosen = slice(self.setup.n_states, None)
        return tuple(
            _estimate(str(item), unit, column, item.low)
            for item, unit, column in zip(
                self.setup.estimated[chosen], self.setup.units[chosen], self.states.T[chosen], strict=True
            )
        )


def _estimate(name: str, unit: str, values: Array, least: float) -> Estimate:
    """Return mean and interval of ``values`` (n_members,), which are told to be no less than ``least``."""
    mean = float(values.mean())
    half = QUANTILE * float(values.std(ddof=1)) * (1.0 + 1.0 / len(values)) ** 0.5
    return Estimate(name, unit, mean, max(mean - half, least), mean + half)
