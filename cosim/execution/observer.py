"""Observers read a running execution; they never change it."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Samples (n, n_values) at ``times`` (n,); those of each component are in its ``columns``."""

    columns: Mapping[str, slice]
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    def hand_to(self, observer: AbstractObserver) -> None:
        """Let ``observer`` take all samples, at once if it can."""
        if isinstance(observer, AbstractBlockObserver):
            observer.sampled_block(self)
            return
        for time, row in zip(self.times.tolist(), self.values, strict=True):
            for name, own in self.columns.items():
                observer.sampled(name, Ticks(time), row[own])


class AbstractBlockObserver(ABC):
    """An observer that can take many samples at once, from executions that make many at once."""

    @abstractmethod
    def sampled_block(self, block: SampleBlock) -> None:
        """Take samples as ``sampled`` would one after the other; ``block`` is valid during the call only."""


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
