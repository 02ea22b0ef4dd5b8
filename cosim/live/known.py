"""What has come already: duplicates are dropped by tag, time and status, also after a restart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cosim.live.record import Arrival, Note, Sample
from cosim.live.tag import TagMap, Use

_FEW: Final = 64
"""Times of a tag that are remembered; what is older than all of them counts as known."""
_MANY: Final = 4096
"""The same for a laboratory, whose samples come late and out of order."""
_Key = tuple[int, int]


class Known:
    """Remembers times and statuses by tag.

    While history is read nothing is forgotten: live samples overtake it.
    """

    def __init__(self, tags: TagMap) -> None:
        late = {tag.name for tag in tags.of(Use.SAMPLES)}
        self._late = late
        self._keys: dict[str, dict[_Key, None]] = {}
        self._floors: dict[str, int] = {}
        self._untimed: dict[str, int] = {}
        self.is_reading_history = False

    def recall(self, arrivals: Iterable[Arrival]) -> int:
        """Learn what a store holds; return how many samples that were."""
        return sum(len(self.new(arrival)) for arrival in arrivals if not isinstance(arrival, Note))

    def last(self, tag: str) -> int | None:
        """Return the latest time of ``tag`` that is known."""
        keys = self._keys.get(tag)
        return max(keys)[0] if keys else None

    def new(self, samples: Iterable[Sample]) -> tuple[Sample, ...]:
        """Return those of ``samples`` that had not come before, and remember them."""
        return tuple(sample for sample in samples if self._is_new(sample))

    def _is_new(self, sample: Sample) -> bool:
        time = sample.source or sample.server
        if not time:  # nothing to tell it by: news unless it says again what it said last
            is_new = self._untimed.get(sample.tag) != sample.status
            self._untimed[sample.tag] = sample.status
            return is_new
        key, keys = (time, sample.status), self._keys.setdefault(sample.tag, {})
        if key in keys or time <= self._floors.get(sample.tag, -1):
            return False
        keys[key] = None
        self._untimed.pop(sample.tag, None)
        most = _MANY if sample.tag in self._late else _FEW
        if len(keys) > 2 * most and not self.is_reading_history:
            self._forget(sample.tag, most)
        return True

    def _forget(self, tag: str, most: int) -> None:
        """Keep the latest ``most`` times."""
        ordered = sorted(self._keys[tag])
        self._floors[tag] = ordered[-most - 1][0]
        self._keys[tag] = dict.fromkeys(key for key in ordered[-most:] if key[0] > self._floors[tag])

    def close_history(self) -> None:
        """History has been read: forget what is long ago."""
        self.is_reading_history = False
        for tag, keys in self._keys.items():
            most = _MANY if tag in self._late else _FEW
            if len(keys) > 2 * most:
                self._forget(tag, most)
