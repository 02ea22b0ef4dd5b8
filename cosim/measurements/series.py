"""What was measured: series of samples of a variable, and experiments that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CosimError, ScenarioError
from cosim.measurements.complaints import Complaints
from cosim.units import conversion, read_unit

Array = NDArray[np.float64]
Axis = Literal["time", "volume"]

MOST_SAMPLES: Final = 2000
"""Of one series: more carry no information that a fit could use, and cost time."""


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of ``variable`` in ``unit``, in the order of ``positions``: elapsed time [s], or volume [m3].

    ``deviations`` are standard deviations, NaN where none is stated; ``rows`` are those of the file at ``path``.
    """

    variable: str
    unit: str
    axis: Axis
    positions: Array
    values: Array
    deviations: Array
    path: Path
    column: int
    rows: tuple[int, ...]
    n_missing: int = 0
    """Samples that were left out because they have no value."""

    def timed(self, flow: float) -> Series:
        """Return the series over time, volume having passed at ``flow`` [m3/s] throughout."""
        return self if self.axis == "time" else replace(self, axis="time", positions=self.positions / flow)

    def thinned(self, most: int) -> Series:
        """Return at most ``most`` of the samples, evenly among them, both ends kept."""
        if len(self.values) <= most:
            return self
        kept = np.unique(np.linspace(0, len(self.values) - 1, most).round().astype(np.int64))
        return replace(
            self,
            positions=self.positions[kept],
            values=self.values[kept],
            deviations=self.deviations[kept],
            rows=tuple(self.rows[i] for i in kept),
        )


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment: its series, and the start values and parameters in which it differs from the scenario."""

    name: str
    series: tuple[Series, ...]
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Quantities as text, by ``component.variable``."""
    is_held_out: bool = False
    """True where it is to be predicted, not fitted."""


def in_units(series: Sequence[Series], units: Mapping[str, str | None]) -> tuple[Series, ...]:
    """Convert every series to the unit of its variable in ``units``; None stands for a variable that states none.

    Raises
    ------
    ScenarioError, ProblemList
        Naming file, row and column of the head, where a unit is missing or of another dimension.
    """
    found = []
    complaints = {item.path: Complaints(item.path) for item in series}
    for item in series:
        noted = complaints[item.path]
        converted = noted.attempt(lambda item=item: _converted(item, units[item.variable]), 1, item.column)  # type: ignore[misc]
        if converted is not None:
            found.append(converted)
    for noted in complaints.values():
        noted.raise_all()
    return tuple(found)


def _converted(series: Series, unit: str | None) -> Series:
    own = series.unit
    if not own and unit is not None and any(read_unit(unit).dimension):
        raise ScenarioError(f"what is measured of {series.variable} has no unit. Write one that fits [{unit}].")
    if own and unit is None and any(read_unit(own).dimension):
        raise ScenarioError(f"it is in [{own}], and the model states no unit for {series.variable}. Write '[1]'.")
    try:
        change = conversion(own or "1", unit or "1")
    except CosimError as error:
        raise ScenarioError(f"cannot be compared with {series.variable}: {error.message}") from error
    return replace(
        series,
        unit=unit or "1",
        values=series.values * change.factor + change.offset,
        deviations=series.deviations * change.factor,
    )
