"""A study as written: pure data that still knows where each part stands in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cosim.clock import Ticks
from cosim.errors import SourceLocation
from cosim.scenario.document import Scalar
from cosim.scenario.model import AlgorithmEntry, Assignment, MeasureEntry
from cosim.study.cost.entries import CostEntry
from cosim.study.faults.entries import FaultEntry, SignalsEntry
from cosim.study.scale_up.entries import ScaleUpEntry

RESERVED: Final = ("run", "status", "reason", "seconds")
"""Columns of the runs that are neither a factor nor a response."""


@dataclass(frozen=True, slots=True)
class FactorEntry:
    """What varies: ``parts`` by key (``from``, ``mean`` …), or the ``values`` it takes one of."""

    target: str
    parts: Mapping[str, Scalar]
    values: tuple[Scalar, ...] | None
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class CorrelationEntry:
    """Two factors that vary together."""

    first: str
    second: str
    value: float
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class ResponseEntry:
    """A number of each run, told in ``unit``, with the specification it should meet and where an optimum has it."""

    name: str
    measure: MeasureEntry
    unit: Scalar | None
    at_least: Scalar | None
    at_most: Scalar | None
    origin: SourceLocation | None
    goal: Scalar | None = None
    may_lack: bool = False
    """True where some runs are known to give no value."""


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A whole study file; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    scenario: Path
    description: str = ""
    parameters: tuple[Assignment, ...] = ()
    factors: tuple[FactorEntry, ...] = ()
    correlations: tuple[CorrelationEntry, ...] = ()
    faults: tuple[FaultEntry, ...] = ()
    responses: tuple[ResponseEntry, ...] = ()
    signals: SignalsEntry | None = None
    time_limit: Ticks | None = None
    """Of wall time, for one run."""
    method: AlgorithmEntry | None = None
    seed: int = 0
    cost: CostEntry | None = None
    scale_up: ScaleUpEntry | None = None
    parts: Mapping[str, Path] = field(default_factory=dict)
    """Studies that this one compares, by name; it has no scenario of its own then."""
