"""What comes from a plant, as it came: samples and notes, in arrivals that are kept and used as one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Origin(StrEnum):
    """How a sample came."""

    LIVE = "live"
    HISTORY = "history"
    READ = "read"


class Sample(NamedTuple):
    """One value of ``tag``; times are ns since 1970, 0 where the server told none; ``status`` is OPC UA's."""

    tag: str
    source: int
    server: int
    received: int
    value: float
    status: int
    origin: Origin = Origin.LIVE

    @property
    def time(self) -> int:
        """When the value was, as well as is known."""
        return self.source or self.server or self.received


class Kind(StrEnum):
    """What a note tells."""

    TEXT = "text"
    """A tag has a text for its value."""
    CONNECTED = "connected"
    LOST = "lost"
    BACKFILL = "backfill"
    """History begins to come; until BACKFILLED no time is complete."""
    BACKFILLED = "backfilled"
    GAP = "gap"
    """Samples are lost that no history has; ``text`` is JSON: why, and from and to by tag."""
    SKEW = "skew"
    """Clocks disagree."""
    REFUSED = "refused"
    """A tag cannot be used."""


class Note(NamedTuple):
    """Something that is no sample."""

    kind: Kind
    received: int
    text: str = ""
    tag: str = ""
    source: int = 0


Arrival = tuple[Sample, ...] | Note
