"""How far the plant is, as told by the link: seen in its thread, looked at in that of the shadow."""

from __future__ import annotations

from math import isfinite

from cosim.clock import TICKS_PER_SECOND, Ticks, to_ticks
from cosim.live.quality import Quality, quality_of
from cosim.live.record import Arrival, Kind, Note, Sample
from cosim.live.session import OVER, Session
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, TagMap


class Pulse:
    """The latest time of the batch that this process was told, whether or not the shadow has come to it.

    A time that goes back by more than ``cycle`` ticks is that of another batch.
    """

    def __init__(self, tags: TagMap, cycle: Ticks = Ticks(0)) -> None:
        self._has_clock, self._cycle = tags.clock is not None, cycle
        self._first: int | None = None
        self._wall = 0
        self._batch_id = ""
        self.latest = Ticks(0)
        self.speed = 1.0
        """Seconds of the batch per second."""
        self.ended: str | None = None
        """Why the batch that is followed is over, None while it is not."""

    def go_on(self, session: Session) -> None:
        """Go on with the batch of ``session``, which began before this process; nothing is told of now by that."""
        self._batch_id = self._batch_id or session.batch_id
        self._first = session.began

    def see(self, arrival: Arrival) -> None:
        """Take in what arrived."""
        if isinstance(arrival, Note):
            self._hear(arrival)
            return
        for sample in arrival:
            if self._first is None:
                self._first = sample.time
            if quality_of(sample.status) is Quality.MISSING or not isfinite(sample.value):
                continue
            if sample.tag == SPEED and sample.value > 0.0:
                self.speed = sample.value
            elif sample.tag == BATCH_TIME:
                self._tell(sample)
            elif not self._has_clock:
                self.latest = max(self.latest, Ticks(sample.time - self._first))

    def _tell(self, sample: Sample) -> None:
        """Take in a time of the batch."""
        time = to_ticks(sample.value)
        if sample.time > self._wall and time < self.latest - self._cycle:
            self.ended = "the time of the batch has gone back: another has begun"
        if time >= self.latest:
            self.latest, self._wall = time, max(self._wall, sample.time)

    def _hear(self, note: Note) -> None:
        if note.kind is Kind.TEXT and note.tag == PHASE and note.text == OVER:
            self.ended = "the batch is over"
        elif note.kind is Kind.TEXT and note.tag == BATCH_ID:
            if self._batch_id not in ("", note.text):
                self.ended = f"batch '{note.text}' has begun"
            self._batch_id = self._batch_id or note.text

    def on_the_wall(self, time: Ticks) -> float:
        """Return how long ``time`` of the batch takes [s]; a plant slower than the wall is not waited for."""
        return time / TICKS_PER_SECOND / max(self.speed, 1.0)
