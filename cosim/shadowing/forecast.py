"""What the members of a filter come to if all goes on as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.errors import EstimationError, StepError
from cosim.opened import OpenExecution


@dataclass(frozen=True, slots=True)
class Crossing:
    """When a limit is left.

    ``time`` from which on at least the share asked for of the members has been beyond it, None where that is never so,
    and the ``share`` that has been in the end.
    """

    time: Ticks | None
    share: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Courses ``values`` (n_members, n_times, n_names) of ``names`` at ``times``, NaN after a member's model failed."""

    times: tuple[Ticks, ...]
    names: tuple[str, ...]
    values: NDArray[np.float64]

    def quantiles(self, name: str, levels: Sequence[float]) -> NDArray[np.float64]:
        """Return the quantiles of ``name`` over the members, (n_levels, n_times)."""
        return np.asarray(np.nanquantile(self._course(name), levels, axis=0))

    def crossing(self, name: str, *, below: float | None = None, above: float | None = None, share: float) -> Crossing:
        """Tell when at least ``share`` of the members has been ``below`` or ``above`` a limit."""
        course = self._course(name)
        beyond = np.zeros(course.shape, dtype=bool)
        if below is not None:
            beyond |= course < below
        if above is not None:
            beyond |= course > above
        n_known = max(int(np.isfinite(course[:, 0]).sum()), 1)
        shares = np.maximum.accumulate(beyond, axis=1).sum(axis=0) / n_known
        reached = np.flatnonzero(shares >= share)
        return Crossing(self.times[int(reached[0])] if len(reached) else None, float(shares[-1]))

    def _course(self, name: str) -> NDArray[np.float64]:
        return self.values[:, :, self.names.index(name)]


def forecast(members: Sequence[OpenExecution], names: Sequence[str], *, until: Ticks, every: Ticks) -> Forecast:
    """Let copies of ``members`` go on to ``until``, and read ``names`` at the communication points ``every`` so often.

    The members stay where they are. What ends before ``until`` keeps its last values.

    Raises
    ------
    EstimationError
        When there is nothing to forecast: no time is left, or all models fail.
    """
    now = to_ticks(members[0].time) if members else Ticks(0)
    times = [Ticks(time) for time in range(now + every, until + 1, every)]
    if not members or not times:
        raise EstimationError("There is nothing to forecast: it has no members, or no time is left.")
    values = np.full((len(members), len(times), len(names)), np.nan)
    for course, member in zip(values, members, strict=True):
        _follow(course, member, names, times)
    if not np.isfinite(values[:, 0]).any():
        raise EstimationError(
            "The models of all members fail in the forecast. Look at the inputs, and at the estimate."
        )
    return Forecast(tuple(times), tuple(names), values)


def _follow(course: NDArray[np.float64], member: OpenExecution, names: Sequence[str], times: Sequence[Ticks]) -> None:
    """Fill ``course`` (n_times, n_names) with where a copy of ``member`` comes to, as far as its model lives."""
    with member.fork() as copy:
        for i, time in enumerate(times):
            try:
                copy.run_until(to_seconds(time))
            except StepError:
                return
            course[i] = [copy[name] for name in names]
