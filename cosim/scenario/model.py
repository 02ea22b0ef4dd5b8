"""A scenario as it was written: names not yet looked up, values not yet converted, every part with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cosim.clock import Ticks
from cosim.errors import SourceLocation
from cosim.scenario.document import Scalar
from cosim.system.experiment import Operator, PhaseStart
from cosim.system.stream import Exit, PortName
from cosim.system.variable import VariableName

SourceKind = Literal["release", "modelica", "fmu", "csv", "python"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a component's model comes from: a Modelica class, an FMU file, recorded data or the caller."""

    kind: SourceKind
    text: str
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class LicenceEntry:
    """Of a licence ``name`` all runs on this machine use ``seats`` at once; a run waits ``wait`` for one."""

    name: str
    seats: int
    wait: Ticks


@dataclass(frozen=True, slots=True)
class HostingEntry:
    """Where an FMU runs: 'inline', 'process' or 'tcp://…', with what limits, and what its loss means."""

    host: str = "inline"
    timeout: Ticks = Ticks(0)
    memory_limit: int | None = None
    on_failure: Literal["stop", "restart", "surrogate"] = "stop"
    licence: LicenceEntry | None = None
    token_file: Scalar | None = None
    """Holds the token of a server; None for what the environment says."""
    is_chosen: bool = True
    """Something of it was written; else an FMU that cosim made runs inline all the same."""


@dataclass(frozen=True, slots=True)
class ComponentEntry:
    """One line of ``components``; ``structure`` changes structural parameters and so rebuilds.

    ``interface`` is the FMI interface type to use, None for Co-Simulation where the FMU offers it.
    """

    name: str
    source: Source
    structure: Mapping[str, Scalar]
    asleep: Literal["ages", "frozen"]
    origin: SourceLocation | None
    interface: Literal["Co-Simulation", "Model Exchange"] | None = None
    map_file: Scalar | None = None
    """A CSV file with other names, and units, for variables of the FMU."""
    hosting: HostingEntry = HostingEntry()
    backend: Literal["own", "pyfmi"] = "own"
    """What calls the functions of the FMU."""


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """``source => target``."""

    source: PortName
    target: PortName | Exit
    absent: tuple[str, ...]
    drop: tuple[str, ...]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    """``source -> target``; ``molar_mass`` lets mass and amount of substance meet."""

    source: VariableName
    target: VariableName
    molar_mass: Scalar | None
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value written for a variable; ``origin`` is None for one that does not come from a file."""

    target: VariableName
    value: Scalar
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class ParameterSetEntry:
    """A CSV file of values for one component, or for several (``component`` None: names are ``component.variable``)."""

    component: str | None
    file: str
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """A column of a CSV file that drives an input."""

    target: VariableName
    file: str
    column: str
    unit: str | None
    time: str | None
    interpolation: Literal["linear", "hold"]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Condition:
    """``left operator right``, right being a quantity (text) or another variable."""

    left: VariableName
    operator: Operator
    right: str | VariableName
    text: str
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class EndingEntry:
    """When a phase or step ends; exactly one of ``duration``, ``volume``, ``until`` is given."""

    duration: Ticks | None
    volume: Scalar | None
    through: tuple[str, ...]
    until: tuple[Condition, ...]
    at_most: Ticks
    continue_at_limit: bool
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class CollectEntry:
    """``component.collecting`` is on from ``start`` until ``stop``."""

    component: str
    start: Condition
    stop: Condition
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class StepEntry:
    """A step of a phase."""

    name: str
    ending: EndingEntry
    settings: tuple[Assignment, ...]
    collects: tuple[CollectEntry, ...]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class PhaseEntry:
    """A phase; ``step_sizes`` holds what differs from ``step_size``."""

    name: str
    active: tuple[str, ...]
    step_size: Ticks
    step_sizes: Mapping[str, Ticks]
    start: PhaseStart
    ending: EndingEntry | None
    steps: tuple[StepEntry, ...]
    repeat: int
    settings: tuple[Assignment, ...]
    fresh: tuple[str, ...]
    carry: tuple[VariableName, ...]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Settings at a time or when a condition becomes true."""

    time: Ticks | None
    condition: Condition | None
    settings: tuple[Assignment, ...]
    repeats: bool
    origin: SourceLocation | None


ExpectationFunction = Literal["final", "min", "max", "mean", "integral", "at", "yield"]
MeasureFunction = ExpectationFunction | Literal["time", "start", "end", "duration", "increase", "repetitions", "cost"]


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """``function(arguments)``: one number of a run."""

    function: MeasureFunction
    arguments: tuple[str, ...]
    text: str
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class ExpectationEntry:
    """``measure operator right``, with ``right`` a quantity."""

    measure: MeasureEntry
    operator: Operator
    right: str
    text: str


@dataclass(frozen=True, slots=True)
class AlgorithmEntry:
    """The co-simulation algorithm by name, with options as written, and how near to its moment a condition acts."""

    name: Scalar
    options: Mapping[str, Scalar] = field(default_factory=dict)
    event_tolerance: Ticks | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Tolerances of the conservation ledger."""

    tolerance: float = 1e-9
    components: Mapping[str, tuple[float, SourceLocation | None]] = field(default_factory=dict)
    floor: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SurrogateEntry:
    """A package that stands for a component; ``audit`` is the time between audits, None for none, < 0 the default."""

    package: Scalar
    policy: Literal["fall_back", "warn", "stop"]
    audit: Ticks | None
    although_slower: bool
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario file; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    description: str = ""
    units: Mapping[str, Scalar] = field(default_factory=dict)
    components: Mapping[str, ComponentEntry] = field(default_factory=dict)
    streams: tuple[StreamEntry, ...] = ()
    connections: tuple[ConnectionEntry, ...] = ()
    parameters: tuple[Assignment, ...] = ()
    parameter_sets: tuple[ParameterSetEntry, ...] = ()
    """Files of values; what ``parameters`` gives replaces theirs."""
    inputs: tuple[Assignment, ...] = ()
    """Constants given under ``inputs``."""
    signals: tuple[SignalEntry, ...] = ()
    phases: tuple[PhaseEntry, ...] = ()
    events: tuple[EventEntry, ...] = ()
    surrogates: Mapping[str, SurrogateEntry] = field(default_factory=dict)
    algorithm: AlgorithmEntry | None = None
    tolerance: float | None = None
    ledger: LedgerEntry = LedgerEntry()
    record: tuple[Scalar, ...] | None = None
    """Patterns of what is kept; None: every output."""
    expectations: tuple[ExpectationEntry, ...] = ()
    measures: tuple[MeasureEntry, ...] = ()
    """What somebody else than the file wants to know of a run."""
    seed: int = 0
    unusable: frozenset[str] = frozenset()
    """Components that were written but could not be read; complaints about their use would only repeat that."""

    @property
    def folder(self) -> Path:
        """The folder that the paths of the scenario are relative to."""
        return self.path.parent
