"""Faults of a virtual plant: what instruments add, and what goes wrong when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from cosim.clock import Ticks
from cosim.errors import SourceLocation


class Kind(Enum):
    """What goes wrong."""

    BIAS = "bias"
    DRIFT = "drift"
    FREEZE = "freeze"
    DROPOUT = "dropout"
    """The sensor fails: quality Bad, no value."""
    SILENCE = "silence"
    """Nothing is sent."""
    UNCERTAIN = "uncertain"
    """The value is sent as Uncertain."""
    SET = "set"
    """Variables of the model are held at other values: a pump that fails, a valve that sticks."""
    OPERATE = "operate"
    """An operator writes a set-point."""
    REFUSE = "refuse"
    """What clients write to a set-point is refused."""
    IGNORE = "ignore"
    """It is accepted, and nothing comes of it."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """How a tag is measured: ``noise`` in its unit, ``relative_noise`` as a share of the value, both one sigma.

    A laboratory reports after ``delay`` plus a random part of ``delay_spread``, so that samples can overtake.
    """

    noise: float = 0.0
    relative_noise: float = 0.0
    resolution: float = 0.0
    delay: Ticks = Ticks(0)
    delay_spread: Ticks = Ticks(0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from ``start`` on, for ``duration`` (None: to the end).

    ``size`` is by how much a tag is off, after ``over`` where it drifts there, or the value that an operator writes;
    ``settings`` are quantities by variable of the model.
    """

    kind: Kind
    start: Ticks
    duration: Ticks | None
    tag: str = ""
    size: float = 0.0
    over: Ticks = Ticks(0)
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    origin: SourceLocation | None = None

    def is_on(self, time: Ticks) -> bool:
        """Tell whether it lasts at ``time``."""
        return self.start <= time and (self.duration is None or time < self.start + self.duration)


@dataclass(frozen=True, slots=True)
class FaultScript:
    """All of it; ``seed`` makes it the same each time."""

    seed: int = 0
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
