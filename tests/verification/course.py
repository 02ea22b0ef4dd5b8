"""A course of a unit beside one computed without the library, and how far they are apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from library_fmu import unit
from verification.check import Check

Setting = tuple[float, Mapping[str, float]]
"""From a time [s] on, inputs by name."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over time [s]: what an independent solution says, and what the FMU reached."""

    label: str
    time: np.ndarray
    reference: np.ndarray
    reached: np.ndarray
    tolerance: float

    @property
    def error(self) -> float:
        """Return the largest difference, over the largest value of the reference."""
        return float(np.abs(self.reached - self.reference).max() / np.abs(self.reference).max())

    def check(self, title: str) -> Check:
        """Return the largest difference as a check."""
        return Check(f"{title}: {self.label}", 0.0, self.error, self.tolerance, is_absolute=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The curves of one unit in one experiment."""

    title: str
    source: str
    curves: tuple[Curve, ...]

    @property
    def checks(self) -> list[Check]:
        """Return one check for each curve."""
        return [curve.check(self.title) for curve in self.curves]


def march(
    fmu: Path,
    names: Sequence[str],
    times: Sequence[float],
    settings: Sequence[Setting] = (),
    *,
    tolerance: float = 1e-9,
    **start: float,
) -> np.ndarray:
    """Return ``names`` at ``times`` as columns; inputs change at the times of ``settings``, and steps end there."""
    stops = sorted({*times, *(at for at, _ in settings)} - {0.0})
    rows = {}
    with unit(fmu, tolerance=tolerance, **start) as it:
        for stop in [0.0, *stops]:
            if stop > 0.0:
                it.step(stop - it.time)
            rows[stop] = it.get(names)
            for at, values in settings:
                if at == stop:
                    it.set(values)
    return np.array([rows[time] for time in times])


def parameters(fmu: Path, names: Sequence[str]) -> dict[str, float]:
    """Read parameters out of an FMU, so that a reference follows a new calibration."""
    with unit(fmu) as it:
        return dict(zip(names, map(float, it.get(names)), strict=True))
