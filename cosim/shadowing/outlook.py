"""What a shadow makes of a plant after a cycle: what it believes, what it expects, what it calls attention to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from cosim.clock import Ticks

LEVEL: Final = 0.95
"""Share of the interval between ``low`` and ``high``, everywhere here."""


class Health(Enum):
    """Whether an estimate is to be relied on."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    """To be looked at: usable, but not to act on alone."""
    BAD = "bad"
    """Not to be used."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is believed of ``name``, a variable or parameter ``component.variable`` of the twin, now, in ``unit``."""

    name: str
    unit: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Course:
    """The middle of what is expected of ``name`` at ``times`` of the batch, and its interval, in ``unit``.

    A forecast, or the envelope of earlier good batches.
    """

    name: str
    unit: str
    times: tuple[Ticks, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Concern(Enum):
    """What an alert is about."""

    LIMIT = "limit"
    """The forecast leaves a limit."""
    DEVIATION = "deviation"
    """A tag shows something else than is planned."""
    ENVELOPE = "envelope"
    """The batch leaves the envelope of earlier good ones."""
    DRIFT = "drift"
    """The model describes the plant worse than it did."""
    ESTIMATE = "estimate"
    """The estimate is not to be relied on."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person should look at, since ``begun``; told anew each cycle while it lasts.

    ``text`` is a whole sentence, ``cause`` what is likely behind it, '' where nothing is known. ``due`` is when the
    forecast leaves the limit, None for what is there already; ``share`` the share of the ensemble that does.
    """

    concern: Concern
    name: str
    text: str
    cause: str
    begun: Ticks
    due: Ticks | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it at ``time`` of the batch.

    ``estimates`` are soft sensors, ``parameters`` those of the model. ``forecast`` was begun no more than a period
    of the forecast ago, and is empty before the first. ``ratio`` is the normalised innovation squared per value,
    averaged over the last measurements: 1 where the filter is right, more where it is too sure; ``inflation`` is what
    it is corrected with.
    """

    time: Ticks
    health: Health
    reason: str
    estimates: tuple[Estimate, ...] = ()
    parameters: tuple[Estimate, ...] = ()
    forecast: tuple[Course, ...] = ()
    envelope: tuple[Course, ...] = ()
    alerts: tuple[Alert, ...] = ()
    ratio: float = 1.0
    inflation: float = 1.0
