"""What a twin may do to a plant: which set-points it may move how far and how fast, and when it has to let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cosim.clock import Ticks
from cosim.errors import SourceLocation


class Mode(Enum):
    """How much a twin does."""

    MONITOR = "monitor"
    """Nothing is written to the plant."""
    ADVISE = "advise"
    """What the twin recommends is written to advice nodes."""
    CONTROL = "control"
    """Set-points are written, while that is armed."""


@dataclass(frozen=True, slots=True)
class Manipulated:
    """A set-point of the plant that may be moved, by the ``tag`` that shows it; numbers are in its ``unit``.

    ``variable`` is what it sets in the scenario that looks ahead. Nothing outside ``low`` to ``high`` is written, and
    no step larger than ``rate`` in ``per`` of the batch's time. When control is handed over the set-point goes to
    ``safe`` or, without one, stays where it was. ``advice`` is the tag of the node that shows what is recommended.
    """

    tag: str
    variable: str
    unit: str
    low: float
    high: float
    rate: float
    per: Ticks
    safe: float | None = None
    advice: str | None = None
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A node that is counted up ``every`` [s] on the wall while somebody controls.

    When it has stood still for ``timeout`` [s] the plant falls back to its safe values. After ``most`` it begins again
    at 1; 0 tells that control was handed over in order, and that nothing is to fall back.
    """

    tag: str
    every: float
    timeout: float
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class Acting:
    """All of it; ``moves`` by tag.

    No set-point is moved on data older than ``stale``, in the batch's time, or while one of the tags in ``needs`` is
    missing, by default those that drive the twin. When that lasts longer than ``patience`` control is handed over.
    """

    mode: Mode
    moves: Mapping[str, Manipulated]
    heartbeat: Heartbeat | None
    stale: Ticks
    patience: Ticks
    needs: tuple[str, ...]

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Everything that may be written in this mode, by tag, and between which values."""
        if self.mode is Mode.MONITOR:
            return {}
        found = {move.advice: (move.low, move.high) for move in self.moves.values() if move.advice is not None}
        if self.mode is Mode.CONTROL:
            found |= {move.tag: (move.low, move.high) for move in self.moves.values()}
        return found


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit of the final value of ``variable`` is worth: a quantity such as ``"3 L/g"``."""

    variable: str
    price: str
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A ``variable`` that is to stay between quantities; None where it has no limit."""

    variable: str
    low: str | None
    high: str | None
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Harvest:
    """The batch may end between ``first`` and ``last``; each day of it costs ``per_day``, in the unit of the worth."""

    first: Ticks
    last: Ticks
    per_day: float


@dataclass(frozen=True, slots=True)
class Advising:
    """How the next best action is found: by looking ahead with ``scenario``, or with the twin itself.

    From ``start`` on, ``every`` so often in the batch's time, ``n_forecasts`` plans are tried on the middle of what is
    believed; the best is judged on ``n_members`` of it. It is advised only when at least the share ``confidence`` of
    them gains by it, together ``gain`` relative to going on as now, and at most ``risk`` leave what is to be ``kept``.
    ``doubt`` is how uncertain parameters are [1, relative, one sigma] where no estimator tells it.
    """

    scenario: Path | None
    parameters: Mapping[str, str]
    every: Ticks
    start: Ticks
    worth: tuple[Price, ...]
    kept: tuple[Kept, ...]
    harvest: Harvest | None
    doubt: Mapping[str, float]
    n_forecasts: int
    n_members: int
    confidence: float
    gain: float
    risk: float
