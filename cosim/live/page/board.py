"""A board: what one shadow has told, in the form in which pages show it.

A shadow tells messages, mappings of plain values that may cross a pipe as JSON. Their ``kind`` is

- ``head``: who it is, and its ``tags``, each with ``name``, ``unit``, ``use``, ``low``, ``high``
- ``cycle``: ``t`` [s of the batch], ``phase``, and ``values`` by course: one number for each of ``FIELDS``
- ``sample``: a laboratory's, ``[course, t, value, twin]``
- ``now``: ``values`` by tag, each ``[value, quality, time]``, as they arrive at ``wall``
- ``alarm`` with ``id``, ``tone``, ``text``, ``wall``, and ``clear`` with ``id`` and ``wall``
- anything else (``link``, ``outlook``, ``advice``, ``over``): the latest replaces the one before

``wall`` is ms since 1970. Pages pull: they say what they have seen and get what is new, so that a slow one costs
nothing.
"""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Message = Mapping[str, Any]

FIELDS: Final = ("measured", "twin", "estimate", "low", "high")
"""What a course has for each cycle; NaN or None where there is nothing."""
CYCLES: Final = 2_400
"""Cycles that are kept, 16 days of ten minutes; when there are more, every other one of the older half is left out."""
SAMPLES: Final = 20_000
"""Laboratory's samples that are kept."""
ALARMS: Final = 200
"""Alarms that are kept; those that are over go first."""


class Seen(NamedTuple):
    """What a page has seen of a board; ``epoch`` changes when it has to begin anew."""

    epoch: int
    n_cycles: int
    n_samples: int
    version: int


NOTHING: Final = Seen(-1, 0, 0, -1)


class Board:
    """What one shadow has told; every method is legal in any thread."""

    def __init__(self, *, cycles: int = CYCLES) -> None:
        self._most = cycles
        self._lock = threading.Lock()
        self._epoch = self._version = 0
        self._times = array("d")
        self._columns: dict[str, list[array[float]]] = {}
        self._samples: list[tuple[Any, ...]] = []
        self._now: dict[str, Any] = {}
        self._alarms: dict[str, dict[str, Any]] = {}
        self._parts: dict[str, tuple[int, Any]] = {}

    def take(self, message: Message) -> None:
        """Take in what a shadow tells."""
        with self._lock:
            self._version += 1
            match message["kind"]:
                case "cycle":
                    self._take_cycle(message)
                case "sample":
                    self._take_sample(message["sample"])
                case "now":
                    self._now |= message["values"]
                    self._set("now", {"values": self._now, "wall": message["wall"]})
                case "alarm":
                    self._raise(message)
                case "clear":
                    self._clear(message)
                case kind:
                    self._set(kind, {key: value for key, value in message.items() if key != "kind"})

    def since(self, seen: Seen) -> tuple[Seen, dict[str, Any]]:
        """Return what is new since ``seen``, {} if nothing is, and what has been seen then."""
        with self._lock:
            at = Seen(self._epoch, len(self._times), len(self._samples), self._version)
            if at == seen:
                return at, {}
            is_anew = seen.epoch != self._epoch
            after = NOTHING if is_anew else seen
            found = {kind: _copy(part) for kind, (version, part) in self._parts.items() if version > after.version}
            times, samples = self._times[after.n_cycles :], self._samples[after.n_samples :]
            courses = {
                name: [column[after.n_cycles :] for column in columns] for name, columns in self._columns.items()
            }
        return at, {
            **found,
            "anew": is_anew,
            "times": list(times),
            "courses": {name: [_plain_all(column) for column in columns] for name, columns in courses.items()},
            "samples": samples,
        }

    def brief(self) -> dict[str, Any]:
        """Return what is shown of a shadow that is not looked at."""
        with self._lock:
            parts = {kind: self._parts[kind][1] for kind in ("head", "link", "phase", "over") if kind in self._parts}
            n_alarms = sum(alarm["until"] is None for alarm in self._alarms.values())
            return {**_copy(parts), "t": self._times[-1] if self._times else None, "alarms": n_alarms}

    def _set(self, kind: str, part: Any) -> None:  # noqa: ANN401
        self._parts[kind] = (self._version, part)

    def _take_cycle(self, message: Message) -> None:
        self._times.append(message["t"])
        self._set("phase", message["phase"])
        n = len(self._times)
        for name, values in message["values"].items():
            if name not in self._columns:
                self._columns[name] = [array("d", [math.nan] * (n - 1)) for _ in FIELDS]
                self._epoch += 1
            for column, value in zip(self._columns[name], values, strict=True):
                column.append(math.nan if value is None else value)
        for columns in self._columns.values():
            for column in columns:
                if len(column) < n:
                    column.append(math.nan)
        if n >= self._most:
            self._thin()

    def _thin(self) -> None:
        """Leave out every other one of the older half."""
        for column in (self._times, *(column for columns in self._columns.values() for column in columns)):
            del column[1 : self._most // 2 : 2]
        self._epoch += 1

    def _take_sample(self, sample: tuple[Any, ...]) -> None:
        self._samples.append(tuple(_plain(item) if isinstance(item, float) else item for item in sample))
        if len(self._samples) > SAMPLES:
            del self._samples[: SAMPLES // 2]
            self._epoch += 1

    def _raise(self, message: Message) -> None:
        alarm = {key: message[key] for key in ("id", "tone", "text", "wall")}
        before = self._alarms.pop(alarm["id"], None)
        if before is not None and before["until"] is None:
            alarm["wall"] = before["wall"]  # it has been there since then
        self._alarms[alarm["id"]] = {**alarm, "until": None}
        if len(self._alarms) > ALARMS:
            over = [name for name, item in self._alarms.items() if item["until"] is not None]
            del self._alarms[over[0] if over else next(iter(self._alarms))]
        self._set("alarms", list(self._alarms.values()))

    def _clear(self, message: Message) -> None:
        alarm = self._alarms.get(message["id"])
        if alarm is not None and alarm["until"] is None:
            alarm["until"] = message["wall"]
            self._set("alarms", list(self._alarms.values()))


def _plain_all(values: array[float]) -> list[float | None] | None:
    """Return ``values`` as they are sent; None where all are missing."""
    found = [_plain(value) for value in values]
    return found if any(value is not None for value in found) else None


def _plain(value: float) -> float | None:
    """Return ``value`` with the figures that a page can show; None, as JSON knows no NaN."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _copy(value: Any) -> Any:  # noqa: ANN401
    """Return ``value`` so that nobody else can change it, without NaN."""
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
