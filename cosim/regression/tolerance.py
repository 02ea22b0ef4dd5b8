"""How much may differ: the tolerances of signals and numbers, in the units in which they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cosim.clock import TICKS_PER_SECOND
from cosim.units import Quantity

DEFAULT_RELATIVE: Final = 1e-3
DEFAULT_REACH: Final = TICKS_PER_SECOND
"""[ns]"""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Value tolerance ``absolute`` + ``relative`` · scale, and time tolerance ``reach`` [ns].

    The scale of a signal is the larger of its range and a thousandth of its largest magnitude; that of a number is its
    magnitude. ``absolute`` keeps its unit until it is known in which the signal is.
    """

    relative: float = DEFAULT_RELATIVE
    absolute: Quantity | None = None
    reach: int = DEFAULT_REACH

    def absolute_in(self, unit: str | None) -> float:
        """Return the absolute tolerance in ``unit``, temperatures as differences.

        Raises
        ------
        StructureError
            When it is of another dimension.
        """
        return 0.0 if self.absolute is None else self.absolute.to(unit, difference=True)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Signals whose name ``text`` matches, in which * stands for anything."""

    text: str
    tolerance: Tolerance

    def matches(self, name: str) -> bool:
        """Tell whether ``name`` is one of them, in one pass, however many * there are."""
        first, *rest = self.text.split("*")
        if not rest:
            return name == self.text
        *middle, last = rest
        at, end = len(first), len(name) - len(last)
        if at > end or not name.startswith(first) or not name.endswith(last):
            return False
        for part in middle:
            found = name.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True


@dataclass(frozen=True, slots=True)
class NumberRule:
    """Of a number: its tolerance, and the limits it must keep, whatever it was before."""

    tolerance: Tolerance = Tolerance()
    at_least: Quantity | None = None
    at_most: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a comparison goes by; of several patterns that match a signal, the last counts."""

    tolerance: Tolerance = Tolerance()
    signals: Sequence[Pattern] = ()
    numbers: Mapping[str, NumberRule] = field(default_factory=dict)
    ledger: float | None = None
    """Largest closure of a species."""
    steps: float | None = None
    """Most steps, per step of the baseline."""
    seconds: float | None = None
    """Longest time, per time of the baseline."""
    accept: frozenset[str] = frozenset()
    """Kinds of findings that are told, and do not count."""

    @property
    def reach(self) -> int:
        """Return the largest time tolerance [ns], which also holds for the ends of a run, and for events."""
        return max([self.tolerance.reach, *(pattern.tolerance.reach for pattern in self.signals)])

    def of_signal(self, name: str) -> Tolerance | None:
        """Return the tolerance of a signal, None for one that is not compared."""
        if not self.signals:
            return self.tolerance
        return next((pattern.tolerance for pattern in reversed(self.signals) if pattern.matches(name)), None)
