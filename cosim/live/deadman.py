"""The dead man's handle of a plant: when whoever controls it is no longer heard of, set-points go to safe values."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cosim.live.acting import Acting
from cosim.live.actuator import RELEASED


@dataclass(frozen=True, slots=True)
class Fallback:
    """Set-points go to ``safe``, by tag, when the heartbeat at ``tag`` has stood still for ``timeout`` [s]."""

    tag: str
    timeout: float
    safe: Mapping[str, float]


def fallback_of(acting: Acting | None) -> Fallback | None:
    """Return what a plant falls back to, None where nobody is to control it."""
    if acting is None or acting.heartbeat is None:
        return None
    safe = {move.tag: move.safe for move in acting.moves.values() if move.safe is not None}
    return Fallback(acting.heartbeat.tag, acting.heartbeat.timeout, safe)


class DeadMan:
    """Listens to a heartbeat: each new value counts, the same one again does not; ``RELEASED`` ends it in order."""

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout, self._clock = timeout, clock
        self._value: float | None = None
        self._heard: float | None = None

    def beat(self, value: float) -> None:
        """Hear a beat."""
        if value != self._value:
            self._value, self._heard = value, self._clock() if value != RELEASED else None

    def has_died(self) -> bool:
        """Tell, once, that a heartbeat which was there has stopped."""
        if self._heard is None or self._clock() - self._heard <= self._timeout:
            return False
        self._heard = None
        return True
