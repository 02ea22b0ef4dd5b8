"""What has come already: duplicates are dropped by tag, time and status, also after a restart.

While history is read live samples overtake it, so that the latest time of a tag says nothing of what lies before.
Until all of it is there, also over attempts that broke off and over a restart, what counts is what had been there
before, and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cosim.live.record import Arrival, Kind, Note, Sample
from cosim.live.tag import TagMap, Use

_FEW: Final = 64
"""Times of a tag that are remembered; what is older than all of them counts as known."""
_MANY: Final = 4096
"""The same for a laboratory, whose samples come late and out of order."""
_Key = tuple[int, int]


class Known:
    """Remembers times and statuses by tag."""

    def __init__(self, tags: TagMap) -> None:
        self._tags = tags
        self._late = {tag.name for tag in tags.of(Use.SAMPLES)}
        self._keys: dict[str, dict[_Key, None]] = {}
        self._floors: dict[str, int] = {}
        self._untimed: dict[str, int] = {}
        self._whole: dict[str, int] | None = None
        self.n_tries = 0
        """How often history has been begun since it was whole."""

    @property
    def is_reading_history(self) -> bool:
        """Tell whether history is missing still."""
        return self._whole is not None

    def recall(self, arrivals: Iterable[Arrival]) -> int:
        """Learn what a store holds; return how many samples that were."""
        n = 0
        for arrival in arrivals:
            if not isinstance(arrival, Note):
                n += len(self.new(arrival))
            elif arrival.kind is Kind.BACKFILL:
                self.begin_history()
            elif arrival.kind is Kind.BACKFILLED:
                self.close_history()
        return n

    def last(self, tag: str) -> int | None:
        """Return the time of ``tag`` up to which what there was has come, None where nothing has."""
        if self._whole is not None:
            return self._whole.get(tag)
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

    def begin_history(self) -> None:
        """From now on history is read; where it was broken off, the same history still."""
        self.n_tries += 1
        if self._whole is None:
            self._whole = {tag: max(keys)[0] for tag, keys in self._keys.items()}

    def close_history(self) -> None:
        """History has been read, or told to be a gap: forget what is long ago."""
        self._whole, self.n_tries = None, 0
        for tag, keys in self._keys.items():
            most = _MANY if tag in self._late else _FEW
            if len(keys) > 2 * most:
                self._forget(tag, most)

    def empty(self) -> Known:
        """Return one like it that knows nothing."""
        return Known(self._tags)

    def state(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        keys = {tag: list(found) for tag, found in self._keys.items()}
        return {"keys": keys, "floors": self._floors, "untimed": self._untimed, "whole": self._whole}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Come back to what ``state`` has told."""
        self._keys = {tag: {(time, status): None for time, status in keys} for tag, keys in state["keys"].items()}
        self._floors, self._untimed, self._whole = dict(state["floors"]), dict(state["untimed"]), state["whole"]
