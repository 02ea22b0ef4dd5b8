"""The experiment: phases, steps, settings, events, input signals; all in ticks and in each variable's own unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import SourceLocation
from cosim.system.stream import PortName
from cosim.system.variable import VariableName

EVENT_TOLERANCE: Final = Ticks(1_000_000)
"""How near to its moment a condition acts, where nothing is written: 1 ms."""

StartValue = float | int | bool | str
Operator = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition: ``left`` compared with a number in its unit, or with ``factor`` × another variable + ``offset``."""

    left: VariableName
    operator: Operator
    right: float | VariableName
    factor: float = 1.0
    offset: float = 0.0
    text: str = ""
    """As the user wrote it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value given to an input or tunable parameter while its phase or step is active."""

    target: VariableName
    value: float
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """Ends after a time."""

    duration: Ticks


@dataclass(frozen=True, slots=True)
class DeliveredVolume:
    """Ends when ``volume`` [m3] has entered through ``inlets`` together."""

    inlets: tuple[PortName, ...]
    volume: float
    at_most: Ticks
    continue_at_limit: bool = False


@dataclass(frozen=True, slots=True)
class Until:
    """Ends when any of ``conditions`` holds; reaching ``at_most`` fails the run unless ``continue_at_limit``."""

    conditions: tuple[Comparison, ...]
    at_most: Ticks
    continue_at_limit: bool = False


Ending = Duration | DeliveredVolume | Until


@dataclass(frozen=True, slots=True)
class Collect:
    """Sets ``target`` to 1 from when ``start`` becomes true until ``stop`` does, or the step ends."""

    target: VariableName
    start: Comparison
    stop: Comparison


@dataclass(frozen=True, slots=True)
class PhaseStep:
    """A step of a phase (ISA-88: phase of an operation), such as load or wash."""

    name: str
    ending: Ending
    settings: tuple[Setting, ...] = ()
    collects: tuple[Collect, ...] = ()
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class PhaseStart:
    """A phase begins ``delay`` after the ``edge`` of phase ``after`` (None: the experiment's start)."""

    after: str | None = None
    edge: Literal["start", "end"] = "end"
    delay: Ticks = Ticks(0)


@dataclass(frozen=True, slots=True)
class Phase:
    """Part of a batch: which components are active, how they are stepped, when it ends.

    ``ending`` is None when the phase ends with its last step. ``step_sizes`` overrides ``step_size`` per component.
    ``fresh`` components are re-initialised when the phase begins again, keeping the values of ``carry``.
    """

    name: str
    active: tuple[str, ...]
    step_size: Ticks
    ending: Ending | None
    start: PhaseStart = PhaseStart()
    steps: tuple[PhaseStep, ...] = ()
    repeat: int = 1
    settings: tuple[Setting, ...] = ()
    step_sizes: Mapping[str, Ticks] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    carry: tuple[VariableName, ...] = ()
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Settings applied once: at ``time``, or when ``condition`` first becomes true (``repeats``: every time)."""

    settings: tuple[Setting, ...]
    time: Ticks | None = None
    condition: Comparison | None = None
    repeats: bool = False
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Recorded values driving an input: ``times`` [ticks] (n,), ``values`` (n,) in the target's unit."""

    target: VariableName
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    interpolation: Literal["linear", "hold"] = "linear"
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class LedgerTolerance:
    """Largest closure allowed: for the flowsheet, and per component where stated."""

    flowsheet: float = 1e-9
    components: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)
    """Amount below which a species' closure is not divided further, in its basis; default 1e-12."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything a run needs to know besides the system structure."""

    phases: tuple[Phase, ...]
    events: tuple[Event, ...] = ()
    signals: tuple[Signal, ...] = ()
    start_values: Mapping[str, Mapping[str, StartValue]] = field(default_factory=dict)
    asleep: Mapping[str, Literal["ages", "frozen"]] = field(default_factory=dict)
    tolerance: float | None = None
    event_tolerance: Ticks = EVENT_TOLERANCE
    ledger: LedgerTolerance = LedgerTolerance()
    recorded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 0
    start_origins: Mapping[VariableName, SourceLocation] = field(default_factory=dict)
    """Where start values were written, as far as they come from a file."""
    settable: tuple[VariableName, ...] = ()
    """Inputs and tunable parameters that may be set from outside while the execution goes on."""
