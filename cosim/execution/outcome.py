"""What an execution tells of itself: happenings, phases, ledger, cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cosim.clock import Ticks

Status = Literal["completed", "failed", "stopped"]
HappeningKind = Literal[
    "phase-start", "phase-end", "step-start", "step-end", "event", "collect", "warning", "failure", "wake"
]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth keeping: a phase or step began or ended, an event fired, a warning was given."""

    time: Ticks
    kind: HappeningKind
    subject: str
    text: str
    lateness: Ticks = Ticks(0)


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """When a phase, or a step of one (``step`` given), ran; ``cycle`` counts repeats from 1."""

    phase: str
    step: str | None
    cycle: int
    start: Ticks
    end: Ticks
    ended_by: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One species' balance, of a unit or of the flowsheet, in the basis unit ``unit`` ('kg', 'mol', '1', 'm3')."""

    unit: str
    start: float
    entered: float
    left: float
    held: float
    made: float
    consumed: float
    in_transit: float
    unexplained: float
    closure: float


@dataclass(frozen=True, slots=True)
class SpeciesLedger:
    """The balance of a species over the flowsheet and per unit, and what passed each stream ('a.out => b.in')."""

    flowsheet: LedgerEntry
    units: Mapping[str, LedgerEntry]
    streams: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComponentCost:
    """How often a component was stepped and how long that took [s]; how often by C code, and written for that."""

    steps: int
    seconds: float
    steps_in_c: int = 0
    writes_in_c: int = 0


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run took besides the steps of its components; see ``cosim.algorithm.counts`` for the counts.

    ``initialising`` and ``engine`` are in [s]: the latter is all that is neither an instance nor an initialisation,
    recording and observers included.
    """

    windows: int = 0
    compiled: int = 0
    rejected: int = 0
    repeated: int = 0
    iterations: int = 0
    located: int = 0
    deciding: Mapping[str, int] = field(default_factory=dict)
    initialising: float = 0.0
    engine: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an execution; ``reason`` says why it failed or stopped ('' when completed)."""

    status: Status
    reason: str
    time: Ticks
    wall_seconds: float
    phases: tuple[PhaseRecord, ...]
    happenings: tuple[Happening, ...]
    ledger: Mapping[str, SpeciesLedger]
    costs: Mapping[str, ComponentCost]
    warnings: tuple[str, ...] = ()
    failure: Mapping[str, object] = field(default_factory=dict)
    """Of a failed step: component, time, step size and the last inputs by variable name."""
    elements: Mapping[str, SpeciesLedger] = field(default_factory=dict)
    """What reactions made and consumed of 'carbon', 'nitrogen' (mol) and 'charge' (mol), where species tell."""
    effort: Effort = Effort()
