"""Tags: what a plant calls its values, where a server keeps them, and what they are for the twin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cosim.clock import Ticks
from cosim.errors import SourceLocation

NAMESPACE: Final = "urn:bioprocess-cosim:plant"
"""The namespace of a virtual plant's nodes."""
FOLDER: Final = "Plant"
"""The object below Objects that holds them."""
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
"""What a tag may be called."""


class Use(Enum):
    """What a tag is for the twin."""

    MEASURES = "measures"
    """An output of the twin stands beside it."""
    DRIVES = "drives"
    """It is an input of the twin."""
    SAMPLES = "samples"
    """As MEASURES, by a laboratory: rare, late, out of order."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server keeps a tag: a node id, or names to follow from the folder Objects."""

    text: str
    is_path: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """One value of the plant.

    ``variable`` is the ``component.variable`` of the twin, '' where it has none; ``source`` the one of the scenario
    that a virtual plant runs. ``low`` and ``high`` are limits in ``unit``, between which a writable tag may be written
    and outside of which a measurement is implausible. ``every`` is the time between values, in the time of the batch;
    ``hold`` is how long one counts while no other comes, None for a time that follows from ``every``.
    """

    name: str
    address: Address
    unit: str
    use: Use
    variable: str
    source: str
    every: Ticks
    low: float | None = None
    high: float | None = None
    is_writable: bool = False
    hold: Ticks | None = None
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The tags that tell the time of the batch [s], its name, its phase, and seconds of the batch per second."""

    batch_time: Address
    batch_id: Address
    phase: Address
    speed: Address


def by_name(name: str) -> Address:
    """Return where a virtual plant keeps ``name``."""
    return Address(f"{FOLDER}/{name}", is_path=True)


BATCH_TIME: Final = "BatchTime"
BATCH_ID: Final = "BatchId"
PHASE: Final = "Phase"
SPEED: Final = "Speed"
CLOCK_TAGS: Final = (BATCH_TIME, BATCH_ID, PHASE, SPEED)
CLOCK: Final = Clock(by_name(BATCH_TIME), by_name(BATCH_ID), by_name(PHASE), by_name(SPEED))
"""Those of a virtual plant."""


@dataclass(frozen=True, slots=True)
class TagMap:
    """All tags by name; without a ``clock`` the batch begins when the link does."""

    tags: Mapping[str, Tag]
    clock: Clock | None = CLOCK

    def of(self, *uses: Use) -> list[Tag]:
        """Return the tags for ``uses``."""
        return [tag for tag in self.tags.values() if tag.use in uses]
