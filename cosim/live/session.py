"""A session: arrivals from a plant → cycles of aligned measurements; the same arrivals give the same cycles.

A cycle is over when the plant has told a later time of the batch *before* the arrival that is looked at, so that
whatever came along with that time is in; while history is being read, none is. A value that comes later still is kept
in the store and counted, but no cycle waits for it; the next may have it as its last. A laboratory's sample belongs to
the cycle in which it becomes known, or to that in which it was taken where that comes later, and tells when it was
taken.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.live.batch_clock import BatchClock
from cosim.live.cycle import Aligned, Cycle, LaboratorySample
from cosim.live.quality import Quality, quality_of
from cosim.live.record import Arrival, Kind, Note, Origin, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, Tag, TagMap, Use

OVER: Final = "complete"
"""What a plant's phase is called when its batch has ended."""
_HOLD: Final = 10
"""Where its tag does not tell, a value is held for as many times ``every``, and for two cycles at least."""


class Session:
    """Aligns what arrives to cycles of ``cycle`` ticks; without a clock the batch begins at the first sample."""

    def __init__(self, tags: TagMap, cycle: Ticks, *, speed: float = 1.0) -> None:
        self._tags, self._cycle = tags, cycle
        self._clock = BatchClock()
        self._clock.speed = speed
        self._ready: Ticks | None = None
        self._number = 0
        self._is_reading_history = False
        self._waiting: list[Sample] = []
        followed = [tag for tag in tags.tags.values() if tag.use in (Use.MEASURES, Use.DRIVES) or tag.is_writable]
        self._courses = {tag.name: _Course(tag, cycle) for tag in followed}
        self._laboratory: list[Sample] = []
        self._phase, self._batch_id = "", ""
        self._n_late = 0
        self.is_over = False

    def empty(self) -> Session:
        """Return one like it that has been told nothing."""
        return Session(self._tags, self._cycle)

    @property
    def number(self) -> int:
        """Number of the running cycle."""
        return self._number

    def state(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it; legal between two arrivals."""
        return {
            "clock": self._clock.state(),
            "ready": self._ready,
            "number": self._number,
            "is_reading_history": self._is_reading_history,
            "waiting": self._waiting,
            "courses": {name: course.state() for name, course in self._courses.items()},
            "laboratory": self._laboratory,
            "texts": [self._phase, self._batch_id],
            "n_late": self._n_late,
            "is_over": self.is_over,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Come back to what ``state`` has told.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is the state of something else.
        """
        self._clock.restore(state["clock"])
        self._ready, self._number = state["ready"], int(state["number"])
        self._is_reading_history, self.is_over = bool(state["is_reading_history"]), bool(state["is_over"])
        self._waiting, self._laboratory = _samples(state["waiting"]), _samples(state["laboratory"])
        for name, course in self._courses.items():
            course.restore(state["courses"][name])
        self._phase, self._batch_id = state["texts"]
        self._n_late = int(state["n_late"])

    @property
    def began(self) -> int | None:
        """When the batch was at 0, from which new times of it follow [ns since 1970]; None where nothing has told."""
        return self._clock.began

    @property
    def batch_id(self) -> str:
        """What the plant calls its batch, '' where it does not tell."""
        return self._batch_id

    def feed(self, arrival: Arrival) -> Iterator[Cycle]:
        """Take in what arrived; yield the cycles that are over then."""
        if not self.is_over:
            self._take(arrival)
        received = arrival.received if isinstance(arrival, Note) else arrival[-1].received
        if not self._is_reading_history:
            yield from self._close_until(self._ready, received)
        self._ready = self._clock.latest

    def finish(self, received: int) -> Iterator[Cycle]:
        """Yield what is left when nothing more will come."""
        yield from self._close_until(self._clock.latest, received)

    def _close_until(self, ready: Ticks | None, received: int) -> Iterator[Cycle]:
        while ready is not None and self._end <= ready:
            yield self._close(received)

    @property
    def _end(self) -> Ticks:
        """The end of the running cycle."""
        return Ticks((self._number + 1) * self._cycle)

    def _take(self, arrival: Arrival) -> None:
        if isinstance(arrival, Note):
            self._hear(arrival)
            return
        for sample in arrival:
            self._note_time(sample)
            if sample.tag in self._tags.tags:
                late = self._tags.tags[sample.tag].use is Use.SAMPLES
                (self._laboratory if late else self._waiting).append(sample)

    def _hear(self, note: Note) -> None:
        if note.kind is Kind.BACKFILL:
            self._is_reading_history = True
        elif note.kind is Kind.BACKFILLED:
            self._is_reading_history = False
        elif note.kind is Kind.TEXT and note.tag == PHASE:
            self._phase = note.text
            self.is_over = self.is_over or note.text == OVER
        elif note.kind is Kind.TEXT and note.tag == BATCH_ID:
            self.is_over = self.is_over or (self._batch_id not in ("", note.text))
            self._batch_id = self._batch_id or note.text

    def _note_time(self, sample: Sample) -> None:
        """Learn the time of the batch: from its tag, or, where a plant has none, from any sample."""
        if self._tags.clock is None:
            seconds = 0.0
            if (first := self._clock.at(sample.time)) is not None:
                seconds = max(first, 0) / TICKS_PER_SECOND
            self._clock.beat(sample.time, seconds)
        elif sample.tag == SPEED and 0 < sample.value < math.inf:
            self._clock.speed = sample.value
        elif sample.tag == BATCH_TIME and quality_of(sample.status) is not Quality.MISSING:
            is_back = (
                self._clock.latest is not None and sample.value * TICKS_PER_SECOND < self._clock.latest - self._cycle
            )
            if not self._clock.beat(sample.time, sample.value) and is_back:
                self.is_over = True  # another batch has begun

    def _close(self, received: int) -> Cycle:
        start, end = Ticks(self._number * self._cycle), self._end
        self._sort_in(start)
        slack = self._clock.resolution
        values = {name: course.align(start, end, slack) for name, course in self._courses.items()}
        samples = self._reports(end)
        cycle = Cycle(self._number, start, end, values, samples, self._phase, received, self._n_late)
        self._n_late = 0
        self._number += 1
        return cycle

    def _sort_in(self, start: Ticks) -> None:
        """Give every value that waits to the course of its tag, at its time of the batch."""
        for sample in self._waiting:
            time = self._clock.at(sample.time)
            course = self._courses.get(sample.tag)
            if time is None or course is None:
                continue
            self._n_late += time <= start + self._clock.resolution and course.has_begun
            course.add(time, sample)
        self._waiting = []

    def _reports(self, end: Ticks) -> tuple[LaboratorySample, ...]:
        """Return the samples that were taken until ``end``; later ones, of history that is caught up with, wait."""
        reports = [(sample, self._report(sample)) for sample in self._laboratory]
        self._laboratory = [sample for sample, report in reports if report is not None and report.taken > end]
        return tuple(report for _, report in reports if report is not None and report.taken <= end)

    def _report(self, sample: Sample) -> LaboratorySample | None:
        taken = self._clock.at(sample.time)
        reported = self._clock.at(sample.server or sample.received)
        quality = quality_of(sample.status)
        if taken is None or reported is None or quality is Quality.MISSING:
            return None
        return LaboratorySample(sample.tag, taken, max(reported, taken), sample.value, quality)


class _Course:
    """The values of one tag that are still needed."""

    def __init__(self, tag: Tag, cycle: Ticks) -> None:
        self._tag = tag
        self._hold = tag.hold if tag.hold is not None else max(_HOLD * tag.every, 2 * cycle)
        self._points: list[tuple[Ticks, float, Quality]] = []
        self._newest, self._is_bad = Ticks(-1), False
        self.has_begun = False

    def state(self) -> list[Any]:
        """Return what ``restore`` needs."""
        points = [(time, value, quality.value) for time, value, quality in self._points]
        return [self.has_begun, points, self._newest, self._is_bad]

    def restore(self, state: list[Any]) -> None:
        """Come back to ``state``."""
        has_begun, points, newest, is_bad = state
        self.has_begun, self._newest, self._is_bad = bool(has_begun), Ticks(newest), bool(is_bad)
        self._points = [(Ticks(time), float(value), Quality(quality)) for time, value, quality in points]

    def add(self, time: Ticks, sample: Sample) -> None:
        """Take in a value; what is not plausible is missing."""
        quality = quality_of(sample.status)
        low, high = self._tag.low, self._tag.high
        is_out = (low is not None and sample.value < low) or (high is not None and sample.value > high)
        if is_out or not math.isfinite(sample.value):
            quality = Quality.MISSING
        insort(self._points, (time, sample.value, quality), key=lambda point: point[0])

    def align(self, start: Ticks, end: Ticks, slack: Ticks) -> Aligned:
        """Return the value for the cycle from ``start`` to ``end``; forget what is before it.

        What is later than a limit by no more than ``slack`` counts as at it.
        """
        n_until = bisect_right(self._points, end + slack, key=lambda point: point[0])
        now, later = self._points[:n_until], self._points[n_until:]
        n = sum(time > max(self._newest, slack) for time, _, _ in now)
        self.has_begun = True
        if now and now[-1][0] > self._newest:
            self._newest, self._is_bad = now[-1][0], now[-1][2] is Quality.MISSING
        if self._tag.use is Use.DRIVES:
            now = [point for point in now if point[2] is not Quality.MISSING] or now[-1:]
        self._points = now[-1:] + later
        if not now:
            return Aligned(math.nan, Quality.MISSING, Ticks(0), 0)
        time, value, quality = now[-1]
        age = Ticks(max(end - time, 0))
        if quality is Quality.MISSING or age > self._hold:
            return Aligned(math.nan, Quality.MISSING, age, n)
        if self._tag.use is Use.DRIVES:
            value = _mean(now, start, end)
            if any(point[2] is Quality.UNCERTAIN for point in now):
                quality = Quality.UNCERTAIN
        return Aligned(value, quality, age, n, self._is_bad)


def _samples(told: list[Any]) -> list[Sample]:
    return [
        Sample(tag, source, server, received, value, status, Origin(origin))
        for tag, source, server, received, value, status, origin in told
    ]


def _mean(points: list[tuple[Ticks, float, Quality]], start: Ticks, end: Ticks) -> float:
    """Return the mean from ``start`` to ``end`` of values that hold until the next; the first holds from before."""
    times = [start, *(min(max(time, start), end) for time, _, _ in points[1:]), end]
    total = sum(value * (times[i + 1] - times[i]) for i, (_, value, _) in enumerate(points))
    return total / (end - start)
