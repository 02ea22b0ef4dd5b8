"""The time of the batch: what the plant tells of it, so that times of samples can be turned into it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Any, Final

from cosim.clock import TICKS_PER_SECOND, Ticks, to_ticks

_TOLERANCE: Final = 2e-6
"""Seconds on the wall by which a beat may be off the line between its neighbours and add nothing: times have 1e-6."""
_MOST: Final = 20_000
"""Beats that are remembered; beyond that, every other one of the older half is left out."""
_NEAR: Final = 3
"""Beats at the end that are always kept."""


class BatchClock:
    """Time of the batch over time on the wall [ns since 1970], linear between the beats of the plant."""

    def __init__(self) -> None:
        self._walls: list[int] = []
        self._batches: list[Ticks] = []
        self.speed = 1.0

    def state(self) -> list[Any]:
        """Return all of it as JSON can hold it."""
        return [self._walls, self._batches, self.speed]

    def restore(self, state: list[Any]) -> None:
        """Come back to what ``state`` has told."""
        walls, batches, speed = state
        self._walls, self._batches, self.speed = [*walls], [*batches], float(speed)

    @property
    def began(self) -> int | None:
        """When the batch was at 0, by the last beat and the speed [ns since 1970]; None where there was none."""
        return self._walls[-1] - round(self._batches[-1] / self.speed) if self._walls else None

    @property
    def latest(self) -> Ticks | None:
        """The latest time of the batch that is known."""
        return self._batches[-1] if self._batches else None

    def beat(self, wall: int, seconds: float) -> bool:
        """Learn that it was ``seconds`` of the batch at ``wall``; False where time would run backwards."""
        batch = to_ticks(seconds)
        i = bisect_left(self._walls, wall)
        if i < len(self._walls) and self._walls[i] == wall:
            return True
        is_late = i > 0 and batch < self._batches[i - 1]
        if is_late or (i < len(self._batches) and batch > self._batches[i]):
            return False
        insort(self._walls, wall)
        self._batches.insert(i, batch)
        self._thin(len(self._walls) - _NEAR)
        if len(self._walls) > _MOST:
            del self._walls[1 : _MOST // 2 : 2], self._batches[1 : _MOST // 2 : 2]
        return True

    @property
    def resolution(self) -> Ticks:
        """By how much a time of the batch may be off, because times on the wall are rounded."""
        return to_ticks(5e-6 * self.speed)

    def _thin(self, i: int) -> None:
        """Leave out the beat at ``i`` where the line between its neighbours tells as much."""
        if i < 1 or i >= len(self._walls) - 1:
            return
        (w0, w1, w2), (b0, b1, b2) = self._walls[i - 1 : i + 2], self._batches[i - 1 : i + 2]
        line = b0 + (b2 - b0) * (w1 - w0) / (w2 - w0)
        if abs(line - b1) <= _TOLERANCE * self.speed * TICKS_PER_SECOND:
            del self._walls[i], self._batches[i]

    def at(self, wall: int) -> Ticks | None:
        """Return the time of the batch at ``wall``, before the first and after the last beat by the speed."""
        if not self._walls:
            return None
        i = bisect_right(self._walls, wall)
        if i == 0 or i == len(self._walls):
            near = -1 if i else 0
            return Ticks(self._batches[near] + round((wall - self._walls[near]) * self.speed))
        (w0, w1), (b0, b1) = self._walls[i - 1 : i + 1], self._batches[i - 1 : i + 1]
        return Ticks(b0 + round((b1 - b0) * ((wall - w0) / (w1 - w0))))
