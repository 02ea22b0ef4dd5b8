"""What an FMU says of itself beyond its variables: versions, types, platforms, default experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

InterfaceType = Literal["Co-Simulation", "Model Exchange", "Scheduled Execution"]


@dataclass(frozen=True, slots=True)
class DefaultExperiment:
    """The experiment the model's author suggests; times in [s], None where not stated."""

    start_time: float | None = None
    stop_time: float | None = None
    tolerance: float | None = None
    step_size: float | None = None


@dataclass(frozen=True, slots=True)
class TerminalFact:
    """A terminal that the FMU describes; ``no_port`` says why it is no stream port, '' where it is one."""

    name: str
    kind: str
    no_port: str


@dataclass(frozen=True, slots=True)
class Linkage:
    """What a program of another language needs to call the FMU: its binary in the archive, token, value references."""

    library: str | None
    token: str
    references: Mapping[str, int]
    has_event_mode: bool


@dataclass(frozen=True, slots=True)
class FmuFacts:
    """The FMU as an article: who made it, for what, in which versions.

    ``platforms`` are the folders of ``binaries/`` that hold something, in the FMU's own spelling, and 'sources' where C
    code is included. ``oddities`` are deviations from the standard that do not prevent its use.
    """

    fmi_version: str
    model_name: str
    model_identifier: str
    interface_types: tuple[InterfaceType, ...]
    platforms: tuple[str, ...]
    size: int
    unpacked_size: int
    description: str = ""
    author: str = ""
    version: str = ""
    licence: str = ""
    copyright: str = ""
    generation_tool: str = ""
    generation_date: str = ""
    n_states: int = 0
    n_event_indicators: int = 0
    default_experiment: DefaultExperiment = DefaultExperiment()
    log_categories: tuple[str, ...] = ()
    unit_names: tuple[str, ...] = ()
    without_unit: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    terminals: tuple[TerminalFact, ...] = ()

    @property
    def major_version(self) -> int:
        """1, 2 or 3."""
        return int(self.fmi_version.partition(".")[0])
