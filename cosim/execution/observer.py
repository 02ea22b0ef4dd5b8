"""Observers read a running execution; they never change it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.execution.outcome import Happening, Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an execution stands; ``fraction`` of the whole in 0…1 where it can be told, else None."""

    time: Ticks
    phase: str
    step: str | None
    cycle: int
    fraction: float | None


class AbstractBlockObserver(ABC):
    """An observer that can take many samples at once, from executions that make many at once."""

    @abstractmethod
    def sampled_block(self, component: str, times: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Take the samples (n, n_recorded) of ``component`` at ``times``, as ``sampled`` would one after the other."""


class AbstractObserver(ABC):
    """Called in this order: ``started`` once, the others any number of times, ``finished`` once, also on failure."""

    @abstractmethod
    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:
        """Tell the start time and, per component, the variables that each sample will hold, in order."""

    @abstractmethod
    def sampled(self, component: str, time: Ticks, values: NDArray[np.float64]) -> None:
        """Take one sample (n_recorded,) of ``component`` at ``time``; ``values`` is valid during the call only."""

    @abstractmethod
    def happened(self, happening: Happening) -> None:
        """Take note of a phase, event, warning or failure."""

    @abstractmethod
    def progressed(self, progress: Progress) -> None:
        """Learn how far the execution is; called at most a few times per second of wall time."""

    @abstractmethod
    def finished(self, outcome: Outcome) -> None:
        """Take the outcome; the last call."""
