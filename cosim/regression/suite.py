"""A suite as written: which runs are compared with which, and by what rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cosim.errors import SourceLocation
from cosim.regression.tolerance import Rules
from cosim.scenario.document import Scalar
from cosim.scenario.model import MeasureEntry, Source

DEFAULT_COMPILER = "cosim"
"""What builds Modelica classes where a case does not say."""
ALONE = "fmu"
"""The name of the component that an FMU is when it runs alone."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run: a scenario, an FMU alone, or a study, at ``path`` or as ``source``.

    ``sources`` are other models for components of the scenario; ``fmi`` and ``compiler`` say how Modelica classes are
    built for this run. ``inputs``, ``duration`` and ``step`` are those of an FMU alone.
    """

    kind: Literal["scenario", "fmu", "study"]
    path: Path
    source: Source | None = None
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    fmi: str | None = None
    compiler: str | None = None
    inputs: Path | None = None
    duration: Scalar | None = None
    step: Scalar | None = None
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Measured data to compare with: a CSV file of times and signals with units."""

    path: Path
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """A number of a run, told in ``unit``."""

    name: str
    measure: MeasureEntry
    unit: Scalar | None
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison: of ``subject`` with its baseline, or with what it stands ``against``."""

    name: str
    subject: Subject
    against: Subject | Data | None
    rules: Rules
    numbers: Sequence[NumberEntry] = ()
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite file; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    description: str = ""
    cases: Mapping[str, Case] = field(default_factory=dict)
