"""What the instruments of a virtual plant make of true values: noise, drift, failures, laboratories that are late."""

from __future__ import annotations

import heapq
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from cosim.clock import Ticks
from cosim.live.fault import Fault, FaultScript, Instrument, Kind
from cosim.live.quality import BAD_SENSOR, GOOD, UNCERTAIN
from cosim.live.tag import Tag, Use

_SPOILS: Final = (Kind.BIAS, Kind.DRIFT)


class Reading(NamedTuple):
    """What an instrument says at time ``reported`` of what was at ``taken``, with an OPC UA status code."""

    tag: str
    taken: Ticks
    reported: Ticks
    value: float
    status: int


@dataclass(slots=True)
class _Memory:
    """What an instrument remembers: its next reading, and what it said last."""

    due: Ticks
    said: float
    rng: np.random.Generator


class Instruments:
    """Reads true values as the tags of a plant; the same script gives the same readings."""

    def __init__(self, tags: Mapping[str, Tag], script: FaultScript) -> None:
        self._tags = tags
        self._how = {name: script.instruments.get(name, Instrument()) for name in tags}
        self._faults: dict[str, list[Fault]] = {name: [] for name in tags}
        for fault in script.faults:
            if fault.tag:
                self._faults[fault.tag].append(fault)
        self._memories = {
            name: _Memory(Ticks(0), math.nan, np.random.default_rng([script.seed, zlib.crc32(name.encode())]))
            for name in tags
        }
        self._pending: list[tuple[Ticks, int, Reading]] = []
        self._n_samples = 0

    def due(self, time: Ticks) -> list[str]:
        """Return the tags of which a value is taken at ``time``."""
        return [name for name, memory in self._memories.items() if memory.due <= time]

    def next_time(self) -> Ticks:
        """Return when the next value is taken or reported."""
        due = min(memory.due for memory in self._memories.values())
        return min(due, self._pending[0][0]) if self._pending else due

    def read(self, time: Ticks, true: Mapping[str, float]) -> list[Reading]:
        """Take the values of the tags in ``true`` at ``time``; return what is reported now."""
        readings = []
        for name, value in true.items():
            tag, memory = self._tags[name], self._memories[name]
            while memory.due <= time:
                memory.due = Ticks(memory.due + tag.every)
            reading = self._take(tag, time, value, memory)
            if reading is None:
                continue
            if reading.reported <= time:
                readings.append(reading)
            else:
                self._n_samples += 1
                heapq.heappush(self._pending, (reading.reported, self._n_samples, reading))
        while self._pending and self._pending[0][0] <= time:
            readings.append(heapq.heappop(self._pending)[2])
        return readings

    def _take(self, tag: Tag, time: Ticks, true: float, memory: _Memory) -> Reading | None:
        how, faults = self._how[tag.name], [fault for fault in self._faults[tag.name] if fault.is_on(time)]
        kinds = {fault.kind for fault in faults}
        noise, lateness = memory.rng.standard_normal(), memory.rng.random()  # drawn always: faults shift no others
        value = true + _offset(faults, time) + noise * math.hypot(how.noise, how.relative_noise * true)
        if how.resolution > 0:
            value = round(value / how.resolution) * how.resolution
        if Kind.FREEZE in kinds and not math.isnan(memory.said):
            value = memory.said
        memory.said = value
        if Kind.SILENCE in kinds:
            return None
        reported = time
        if tag.use is Use.SAMPLES:
            reported = Ticks(time + how.delay + round(lateness * how.delay_spread))
        if Kind.DROPOUT in kinds or not math.isfinite(value):
            return Reading(tag.name, time, reported, math.nan, BAD_SENSOR)
        return Reading(tag.name, time, reported, value, UNCERTAIN if Kind.UNCERTAIN in kinds else GOOD)


def _offset(faults: Iterable[Fault], time: Ticks) -> float:
    """Return by how much the instrument is off: a bias at once, a drift little by little."""
    total = 0.0
    for fault in faults:
        if fault.kind in _SPOILS:
            share = min(1.0, (time - fault.start) / fault.over) if fault.over else 1.0
            total += fault.size * share
    return total
