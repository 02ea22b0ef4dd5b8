"""One variable over time, with its unit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import ResultError
from cosim.units import conversion, duration_ticks


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """A recorded variable: ``values`` (n,) in ``unit`` at ``ticks`` (n,) [ns]; one time may occur twice at an event."""

    name: str
    ticks: NDArray[np.int64]
    values: NDArray[np.float64]
    unit: str | None = None
    description: str = ""
    display_unit: str | None = None
    causality: str = ""

    @property
    def time(self) -> NDArray[np.float64]:
        """Times [s] (n,)."""
        return self.ticks / TICKS_PER_SECOND

    def __len__(self) -> int:
        return len(self.ticks)

    def to(self, unit: str) -> Trajectory:
        """Return the same trajectory in ``unit``.

        Raises
        ------
        StructureError
            When the dimensions differ or a unit is unknown.
        """
        change = conversion(self.unit or "1", unit)
        return replace(self, values=self.values * change.factor + change.offset, unit=unit, display_unit=None)

    def between(self, start: float, end: float) -> Trajectory:
        """Return the part from ``start`` to ``end`` [s], both included."""
        first, last = round(start * TICKS_PER_SECOND), round(end * TICKS_PER_SECOND)
        inside = slice(int(np.searchsorted(self.ticks, first, "left")), int(np.searchsorted(self.ticks, last, "right")))
        return replace(self, ticks=self.ticks[inside], values=self.values[inside])

    def final(self) -> float:
        """Return the last value."""
        return float(self._some()[-1])

    def min(self) -> float:
        """Return the smallest value."""
        return float(np.min(self._some()))

    def max(self) -> float:
        """Return the largest value."""
        return float(np.max(self._some()))

    def mean(self) -> float:
        """Return the time-weighted mean, by the trapezoidal rule."""
        self._some()
        span = float(self.ticks[-1] - self.ticks[0]) / TICKS_PER_SECOND
        return self.integral() / span if span > 0 else self.final()

    def integral(self) -> float:
        """Return ∫ value dt in ``unit``·s, by the trapezoidal rule."""
        values = self._some()
        return float(np.sum(np.diff(self.ticks) / TICKS_PER_SECOND * (values[1:] + values[:-1]) / 2))

    def at(self, time: float | str) -> float:
        """Interpolate linearly at ``time``: seconds, or a duration such as ``'14 d'``.

        Raises
        ------
        ResultError
            When ``time`` lies outside the record.
        """
        values = self._some()
        ticks = duration_ticks(time) if isinstance(time, str) else round(time * TICKS_PER_SECOND)
        if not self.ticks[0] <= ticks <= self.ticks[-1]:
            raise ResultError(
                f"{self.name} has no value at {ticks / TICKS_PER_SECOND:g} s: the record spans "
                f"{self.time[0]:g} s to {self.time[-1]:g} s."
            )
        return float(np.interp(ticks, self.ticks, values))

    def _some(self) -> NDArray[np.float64]:
        if len(self.values) == 0:
            raise ResultError(f"Nothing was recorded of {self.name} in this span of time.")
        return self.values
