"""A training file as it was written, and what it means for one FMU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import SourceLocation
from cosim.scenario.document import Scalar

Array = NDArray[np.float64]
ShapeName = Literal["constant", "steps", "ramps", "boluses", "exponential", "recorded", "phases"]


@dataclass(frozen=True, slots=True)
class RangeEntry:
    """What is written for a parameter or an input: ``low`` alone is a constant."""

    name: str
    low: Scalar | None
    high: Scalar | None
    shape: ShapeName
    first: Ticks
    every: Ticks
    lasting: Ticks
    file: str
    """Of recorded runs."""
    origin: SourceLocation | None
    levels: Mapping[str, tuple[Scalar, Scalar]] = field(default_factory=dict)
    """By phase; in the others it has its start value."""


@dataclass(frozen=True, slots=True)
class PhaseEntry:
    """A phase that all inputs share: how long it lasts, at least and at most."""

    name: str
    shortest: Ticks
    longest: Ticks


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How many runs the network learns from, is stopped by and calibrated with, and is judged by."""

    train: int = 64
    validate: int = 16
    test: int = 16

    @property
    def total(self) -> int:
        """All of them."""
        return self.train + self.validate + self.test


@dataclass(frozen=True, slots=True)
class TransferEntry:
    """The package that a training begins with, and the layers that it learns again."""

    package: Scalar
    layers: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """How many trials look for the options that learn best, for how long each [s of CPU time], and within what."""

    n_trials: int
    budget: float
    ranges: Mapping[str, tuple[int, int]]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """A training file; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    description: str
    source: Scalar
    structure: Mapping[str, Scalar]
    architecture: str
    options: Mapping[str, Scalar]
    step: Ticks
    duration: Ticks
    runs: RunCounts
    phases: tuple[PhaseEntry, ...]
    parameters: tuple[RangeEntry, ...]
    inputs: tuple[RangeEntry, ...]
    focus: tuple[Scalar, ...]
    """Outputs by which people will judge it."""
    budget: float
    """CPU time for the training [s]."""
    seed: int
    transfer: TransferEntry | None = None
    search: SearchEntry | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A parameter, or an input with its course, in the variable's own unit; ``table`` of recorded runs (n_steps,)."""

    name: str
    low: float
    high: float
    shape: ShapeName = "constant"
    first: float = 0.0
    """[steps]"""
    every: float = 1.0
    """[steps]"""
    lasting: float = 1.0
    """[steps]"""
    tables: tuple[Array, ...] = ()
    levels: tuple[tuple[float, float], ...] = ()
    """Least and largest in each phase."""

    @property
    def is_constant(self) -> bool:
        """True where all runs have one value."""
        return self.low == self.high and not self.tables


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sampled: the parameters and inputs that differ from the FMU's start values, and for how long."""

    step: Ticks
    n_steps: int
    parameters: tuple[Range, ...]
    inputs: tuple[Range, ...]
    input_names: tuple[str, ...]
    """Every numeric input of the FMU, in the order of the arrays."""
    output_names: tuple[str, ...]
    starts: Mapping[str, float] = field(default_factory=dict)
    """Of every input and every parameter, in the variable's own unit."""
    seed: int = 0
    phases: tuple[tuple[float, float], ...] = ()
    """Shortest and longest of each [steps]; they follow one another, again and again."""

    @property
    def varied(self) -> tuple[str, ...]:
        """The parameters that differ between runs."""
        return tuple(item.name for item in self.parameters if not item.is_constant)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of one length: ``inputs`` (n_runs, n_steps, n_inputs) are held over a step, ``outputs`` one more in time.

    ``parameters`` (n_runs, n_varied) are those that differ between runs.
    """

    parameters: Array
    inputs: Array
    outputs: Array

    def __len__(self) -> int:
        return len(self.outputs)

    def part(self, first: int, n: int) -> Runs:
        """Return ``n`` runs from ``first`` on."""
        chosen = slice(first, first + n)
        return Runs(self.parameters[chosen], self.inputs[chosen], self.outputs[chosen])
