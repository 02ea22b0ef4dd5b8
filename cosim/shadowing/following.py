"""What a shadow tells after each cycle, and who hears it: recorders, displays, estimators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cosim.clock import Ticks
from cosim.live.cycle import Cycle
from cosim.live.quality import Quality
from cosim.opened import OpenExecution
from cosim.shadowing.outlook import Outlook


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
    came, so that the twin kept what it had. ``outlook`` is what is made of it where the shadow estimates.
    """

    cycle: Cycle
    pairs: tuple[Pair, ...]
    samples: tuple[Pair, ...]
    inputs: Mapping[str, float]
    held: tuple[str, ...]
    outlook: Outlook | None = None


class AbstractFollower(ABC):
    """Hears every cycle once, in order, after the twin has taken its step.

    What is estimated is in ``Compared.outlook`` already.
    """

    @abstractmethod
    def follow(self, compared: Compared) -> None:
        """Take in a cycle."""

    @abstractmethod
    def settle(self) -> None:
        """Put what was taken in where a crash does not reach it: a checkpoint of the twin follows."""


class AbstractProspects(ABC):
    """What lies ahead of a shadow that estimates, for who looks for the best way there."""

    @abstractmethod
    def copies(self, n: int) -> list[OpenExecution]:
        """Return ``n`` copies of the scenario that forecasts, each as one of the members now; they are to be closed.

        Legal while a follower hears a cycle.
        """


@dataclass(frozen=True, slots=True)
class Ground:
    """What a follower that is made together with its shadow stands on.

    ``execution`` is that of the twin, at ``begins``, the end of the last cycle that was taken before; ``prospects`` is
    None where the shadow does not estimate.
    """

    folder: Path
    execution: OpenExecution
    begins: Ticks
    prospects: AbstractProspects | None


FollowerMaker: TypeAlias = Callable[[Ground], AbstractFollower]
