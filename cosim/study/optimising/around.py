"""The surroundings of an optimum: runs to both sides of it along each factor, and how flat it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from cosim.study.optimising.space import DIGITS
from cosim.study.problem import Array

STEPS: Final = (-0.1, -0.02, 0.02, 0.1)
"""How far beside the optimum runs are made, as shares of a factor's range."""
BEYOND: Final = -1.5
"""Where a range ends before a step does, this many times the step is taken, to the other side."""


def star(best: Array, ranged: list[int]) -> Array:
    """Return the places (4·r, k) beside ``best`` (k,) along each factor of ``ranged``."""
    places = np.repeat(best[None, :], len(STEPS) * len(ranged), axis=0)
    for j, i in enumerate(ranged):
        for s, step in enumerate(STEPS):
            fits = 0.0 <= best[i] + step <= 1.0
            places[len(STEPS) * j + s, i] = best[i] + (step if fits else BEYOND * step)
    return np.round(places, DIGITS)


@dataclass(frozen=True, slots=True)
class Slice:
    """The objective along one factor through the optimum, interpolated without bends of its own between runs.

    ``shifts`` (n,) are the places of ``runs`` (n,) beside it, as shares of the range, and ``rises`` (n,) the objective
    there over that at the optimum, which is one of them.
    """

    factor: int
    runs: NDArray[np.int64]
    shifts: Array
    rises: Array

    def rise(self, t: Array) -> Array:
        """Return the rise at shifts ``t``; NaN beyond the runs."""
        return np.asarray(PchipInterpolator(self.shifts, self.rises, extrapolate=False)(t))

    def at(self, step: float) -> float | None:
        """Return the rise of the run at ``step``, None where there is none."""
        i = int(np.argmin(np.abs(self.shifts - step)))
        return float(self.rises[i]) if abs(self.shifts[i] - step) < 1e-9 else None

    def within(self, allowed: float) -> tuple[float, float]:
        """Return between which shifts the objective rises by less than ``allowed``, no farther than runs were made."""
        fine = np.linspace(self.shifts[0], self.shifts[-1], 4001)
        passed = self.rise(fine) > allowed
        before, after = fine[passed & (fine < 0.0)], fine[passed & (fine > 0.0)]
        low = float(before.max()) if len(before) else float(self.shifts[0])
        return low, float(after.min()) if len(after) else float(self.shifts[-1])


def slices(cube: Array, costs: Array, centre: int, first: int, ranged: list[int]) -> list[Slice]:
    """Return the slices through run ``centre`` of those at ``cube`` (n, k), whose star begins with run ``first``."""
    found = []
    for j, i in enumerate(ranged):
        star = first + len(STEPS) * j + np.arange(len(STEPS))
        runs = np.concatenate([[centre], star[np.isfinite(costs[star])]])
        shifts = cube[runs, i] - cube[centre, i]
        order = np.argsort(shifts, kind="stable")
        if len(order) > 1:
            found.append(Slice(i, runs[order], shifts[order], (costs[runs] - costs[centre])[order]))
    return found
