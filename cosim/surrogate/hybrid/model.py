"""A hybrid as its training file describes it, and what is known of it once it has been bound to an FMU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cosim.clock import Ticks
from cosim.scenario.document import Scalar

TIME: Final = "time"
"""What a network may see besides variables: the time since the start [s]."""


@dataclass(frozen=True, slots=True)
class GivenEntry:
    """A parameter or input of the FMU that the network gives, between ``low`` and ``high``."""

    name: str
    low: Scalar
    high: Scalar
    written: Scalar


@dataclass(frozen=True, slots=True)
class HybridFile:
    """A training file of a hybrid; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    description: str
    source: Scalar
    structure: Mapping[str, Scalar]
    step: Ticks
    """How long what the network gives is held."""
    measured: Scalar
    """The table of experiments, beside the file."""
    sees: tuple[Scalar, ...]
    gives: tuple[GivenEntry, ...]
    corrects: tuple[Scalar, ...]
    width: int
    members: int
    parameters: Mapping[str, Scalar]
    inputs: Mapping[str, Scalar]
    deviation: float
    """Standard deviation of what is measured where none is stated, over its largest value."""
    budget: float
    """CPU time for the training [s]."""
    seed: int


@dataclass(frozen=True, slots=True)
class Given:
    """A variable that the network gives; ``start`` is what the mechanism alone has, all in the variable's own unit."""

    name: str
    low: float
    high: float
    start: float


@dataclass(frozen=True, slots=True)
class HybridFacts:
    """All of a hybrid but its weights."""

    step: float
    """[s]"""
    seen: tuple[str, ...]
    given: tuple[Given, ...]
    corrected: tuple[str, ...]
    is_positive: tuple[bool, ...]
    """Of what is corrected: whether it stays at zero or above."""
    width: int
    members: int

    @property
    def n_said(self) -> int:
        """How many numbers the network says."""
        return len(self.given) + len(self.corrected)

    def document(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return asdict(self)


def read_facts(entry: Mapping[str, Any]) -> HybridFacts:
    """Read what ``document`` wrote; KeyError, TypeError or ValueError where it is something else."""
    given = tuple(
        Given(str(item["name"]), float(item["low"]), float(item["high"]), float(item["start"]))
        for item in entry["given"]
    )
    return HybridFacts(
        step=float(entry["step"]),
        seen=tuple(map(str, entry["seen"])),
        given=given,
        corrected=tuple(map(str, entry["corrected"])),
        is_positive=tuple(map(bool, entry["is_positive"])),
        width=int(entry["width"]),
        members=int(entry["members"]),
    )
