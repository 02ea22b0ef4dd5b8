"""Measurements taken when they were made, however late they are told."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cosim.clock import Ticks
from cosim.estimation.belief import Belief, Innovation, Measurement
from cosim.estimation.consistency import Consistency
from cosim.estimation.filter import AbstractFilter


@dataclass(frozen=True, slots=True)
class _Point:
    """All that is needed to go on from a time, after what was measured then."""

    belief: Belief
    consistency: Consistency
    saved: object


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of a cycle.

    ``innovations`` of the measurements that were told in it, in the order of their times; ``too_late`` those made
    before anything is remembered; and how many earlier cycles were gone through again.
    """

    innovations: tuple[Innovation, ...]
    too_late: tuple[Measurement, ...]
    n_repeated: int


class Timeline:
    """A belief that goes on cycle by cycle, and goes back where a measurement is told late.

    What is believed in the end does not depend on the order in which measurements are told, to the last bit: a sample
    told hours after it was taken leads to the same as one told at once. ``horizon`` is how far back that goes,
    ``spacing`` the time between the points that it goes back to.
    """

    def __init__(
        self,
        filter_: AbstractFilter,
        belief: Belief,
        *,
        horizon: Ticks,
        spacing: Ticks,
        consistency: Consistency | None = None,
    ) -> None:
        self._filter, self._horizon, self._spacing = filter_, horizon, spacing
        self._consistency = consistency or Consistency()
        self._belief = belief
        self._points = [self._point()]
        self._ends: list[Ticks] = []
        self._known: list[Measurement] = []

    @property
    def belief(self) -> Belief:
        """What is believed now."""
        return self._belief

    @property
    def consistency(self) -> Consistency:
        """How the last measurements agreed with what was expected."""
        return self._consistency

    def proceed(self, end: Ticks, measurements: Sequence[Measurement]) -> Progress:
        """Go on to ``end`` with ``measurements`` made up to then, in any order."""
        oldest, now = self._points[0].belief.time, self._belief.time
        fresh = [item for item in measurements if oldest < item.time <= end]
        for item in fresh:
            insort(self._known, item, key=_order)
        self._ends.append(end)
        if fresh and min(item.time for item in fresh) <= now:
            self._go_back(min(item.time for item in fresh))
        begun = self._belief.time
        wanted = {id(item) for item in fresh}
        innovations = tuple(found for item, found in self._pass_to(end) if id(item) in wanted)
        self._forget()
        too_late = tuple(item for item in measurements if item.time <= oldest)
        repeated = [time for time in self._ends if begun < time <= now]
        return Progress(innovations, too_late, len(repeated))

    def _go_back(self, time: Ticks) -> None:
        """Return to the last point before ``time``."""
        while self._points[-1].belief.time >= time:
            self._points.pop()
        point = self._points[-1]
        self._belief, self._consistency = point.belief, point.consistency
        self._filter.process.restore(point.saved)

    def _pass_to(self, end: Ticks) -> list[tuple[Measurement, Innovation]]:
        """Go through all that is known between now and ``end``; return each measurement with its innovation."""
        begun = self._belief.time
        found: list[tuple[Measurement, Innovation]] = []
        known = [item for item in self._known if begun < item.time <= end]
        for stop in sorted({item.time for item in known} | {time for time in self._ends if begun < time <= end}):
            self._belief = self._filter.predict(self._belief, stop)
            n_before = len(found)
            for item in (item for item in known if item.time == stop):
                self._belief, innovation = self._filter.update(self._belief, item)
                self._consistency = self._consistency.after(innovation)
                found.append((item, innovation))
            is_told = any(len(innovation.difference) for _, innovation in found[n_before:])
            self._belief = replace(self._belief, inflation=self._consistency.inflation if is_told else 1.0)
            if stop in self._ends and stop - self._points[-1].belief.time >= self._spacing:
                self._points.append(self._point())
        return found

    def _point(self) -> _Point:
        return _Point(self._belief, self._consistency, self._filter.process.save())

    def _forget(self) -> None:
        """Forget what lies beyond the horizon, but for the last point before it."""
        limit = self._belief.time - self._horizon
        while len(self._points) > 1 and self._points[1].belief.time <= limit:
            del self._points[0]
        oldest = self._points[0].belief.time
        self._known = [item for item in self._known if item.time > oldest]
        self._ends = [time for time in self._ends if time > oldest]


def _order(item: Measurement) -> tuple[Ticks, bytes, bytes]:
    """Return the order in which measurements are taken; of those made at one time, always the same."""
    return item.time, item.values.tobytes(), item.variances.tobytes()
