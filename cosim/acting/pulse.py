"""How far the plant is, as told by the link: seen in its thread, looked at in that of the shadow."""

from __future__ import annotations

from math import isfinite

from cosim.clock import TICKS_PER_SECOND, Ticks, to_ticks
from cosim.live.quality import Quality, quality_of
from cosim.live.record import Arrival, Note
from cosim.live.tag import BATCH_TIME, SPEED, TagMap


class Pulse:
    """The latest time of the batch that has been told, whether or not the shadow has come to it."""

    def __init__(self, tags: TagMap) -> None:
        self._has_clock = tags.clock is not None
        self._first: int | None = None
        self.latest = Ticks(0)
        self.speed = 1.0
        """Seconds of the batch per second."""

    def see(self, arrival: Arrival) -> None:
        """Take in what arrived."""
        for sample in () if isinstance(arrival, Note) else arrival:
            if self._first is None:
                self._first = sample.time
            if quality_of(sample.status) is Quality.MISSING or not isfinite(sample.value):
                continue
            if sample.tag == SPEED and sample.value > 0.0:
                self.speed = sample.value
            elif sample.tag == BATCH_TIME:
                self.latest = max(self.latest, to_ticks(sample.value))
            elif not self._has_clock:
                self.latest = max(self.latest, Ticks(sample.time - self._first))

    def on_the_wall(self, time: Ticks) -> float:
        """Return how long ``time`` of the batch takes [s]."""
        return time / TICKS_PER_SECOND / self.speed
