"""One number that a model must reproduce, and what it reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from verification.routes import Course

Fmus = Mapping[str, Path]
Route = Callable[..., Course]
"""Runs a scenario: its name, the variables to return, values that replace those of the file."""


@dataclass(frozen=True, slots=True)
class Check:
    """``reached`` is compared with ``expected``: relative to it, or absolutely where ``is_absolute``."""

    what: str
    expected: float
    reached: float
    tolerance: float
    is_absolute: bool = False

    @property
    def error(self) -> float:
        """Return the error, relative or absolute."""
        difference = abs(self.reached - self.expected)
        return difference if self.is_absolute else difference / abs(self.expected)

    @property
    def holds(self) -> bool:
        """Tell whether the error is within the tolerance; NaN is not."""
        return self.error <= self.tolerance


@dataclass(frozen=True, slots=True)
class Case:
    """A verification case: scenarios in ``scenarios/`` that it runs, and the checks that come out."""

    identifier: str
    title: str
    source: str
    scenarios: tuple[str, ...]
    run: Callable[[Route], list[Check]]


@dataclass(frozen=True, slots=True)
class UnitCase:
    """A case that steps FMUs one by one, or runs a scenario of one of them that it writes itself."""

    identifier: str
    title: str
    source: str
    classes: tuple[str, ...]
    run: Callable[[Fmus], list[Check]]
    by_cosim: bool = False
