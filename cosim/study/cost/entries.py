"""The ``cost`` of a study as written: what is consumed, made and occupied, each part with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cosim.errors import SourceLocation
from cosim.scenario.document import Scalar
from cosim.scenario.model import MeasureEntry

Span = Literal["batch", "cycle", "year", "occupation"]
"""The whole batch; the time from one batch to the next; its share of a year; the time for which equipment is taken."""


@dataclass(frozen=True, slots=True)
class AmountEntry:
    """A number of the run (``measure``), a time that follows from the schedule (``span``), or a quantity."""

    written: Scalar
    measure: MeasureEntry | None = None
    span: Span | None = None
    equipment: str = ""
    """Of an occupation."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """Something that is paid for: the sum of ``amounts``, so many ``times``, at a ``price`` of the table."""

    name: str
    price: str
    amounts: tuple[AmountEntry, ...]
    times: AmountEntry | None
    is_shared: bool
    """True where several lines need it once."""
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class EquipmentEntry:
    """Components that are occupied as one, of which there may be several in ``parallel``."""

    name: str
    units: tuple[Scalar, ...]
    parallel: int
    turnaround: Scalar | None
    """Time between two batches."""
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """A ``phase`` that lasts longer than is simulated."""

    phase: Scalar
    lasts: Scalar


@dataclass(frozen=True, slots=True)
class CostEntry:
    """The key ``cost`` of a study."""

    prices: Path
    product: MeasureEntry
    operating_time: Scalar | None
    items: tuple[ItemEntry, ...]
    equipment: tuple[EquipmentEntry, ...]
    campaign: CampaignEntry | None
    lines: int
    origin: SourceLocation | None
