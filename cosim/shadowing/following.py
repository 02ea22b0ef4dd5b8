"""What a shadow tells after each cycle, and who hears it: recorders, displays, estimators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from cosim.clock import Ticks
from cosim.live.cycle import Cycle
from cosim.live.quality import Quality


@dataclass(frozen=True, slots=True)
class Pair:
    """A measurement and what the twin says of the same time, in the tag's unit; NaN where one is missing."""

    tag: str
    time: Ticks
    measured: float
    quality: Quality
    twin: float

    @property
    def difference(self) -> float:
        """Twin minus plant."""
        return self.twin - self.measured


@dataclass(frozen=True, slots=True)
class Compared:
    """A cycle of the plant beside the twin.

    ``pairs`` are the tags that measure at its end, ``samples`` those of the laboratory that became known, each at the
    time when it was taken. ``inputs`` is what drove the twin, by tag; ``held`` are the tags of which nothing usable
    came, so that the twin kept what it had.
    """

    cycle: Cycle
    pairs: tuple[Pair, ...]
    samples: tuple[Pair, ...]
    inputs: Mapping[str, float]
    held: tuple[str, ...]


class AbstractFollower(ABC):
    """Hears every cycle once, in order, after the twin has taken its step.

    A follower that changes the twin, as an estimator does, stands before those that only record.
    """

    @abstractmethod
    def follow(self, compared: Compared) -> None:
        """Take in a cycle."""

    @abstractmethod
    def settle(self) -> None:
        """Put what was taken in where a crash does not reach it: a checkpoint of the twin follows."""
