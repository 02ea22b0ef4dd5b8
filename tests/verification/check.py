"""One number that a model must reproduce, and what it reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Fmus = Mapping[str, Path]


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
    """A verification case: the classes it runs, and the checks that come out."""

    identifier: str
    title: str
    source: str
    classes: tuple[str, ...]
    run: Callable[[Fmus], list[Check]]
