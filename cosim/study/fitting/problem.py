"""What is fitted: parameters with bounds, samples with standard deviations, known or to be estimated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.study.problem import Array


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter between ``low`` and ``high``; its coordinate z is its logarithm, or itself.

    ``prior`` is what is known of z beforehand: mean and standard deviation of a Gaussian.
    """

    name: str
    low: float
    high: float
    is_log: bool = False
    prior: tuple[float, float] | None = None
    unit: str = "1"

    def coordinate(self, value: float) -> float:
        """Return z of ``value``."""
        return math.log(value) if self.is_log else value

    def value(self, z: float) -> float:
        """Return the value at ``z``, within the bounds."""
        return min(max(math.exp(z) if self.is_log else z, self.low), self.high)

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the bounds of z."""
        return self.coordinate(self.low), self.coordinate(self.high)

    @property
    def width(self) -> float:
        """Return the range of z."""
        low, high = self.bounds
        return high - low


@dataclass(frozen=True, slots=True)
class FitProblem:
    """Samples ``values`` (n,) with standard deviations (n,), NaN where these are to be estimated.

    Samples of one of ``groups`` (n,), numbers from 0 on, share an estimated standard deviation.
    """

    parameters: tuple[Parameter, ...]
    values: Array
    deviations: Array
    groups: NDArray[np.int64]

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Return the lower and upper bounds of z."""
        low, high = zip(*(parameter.bounds for parameter in self.parameters), strict=True)
        return np.array(low), np.array(high)

    @property
    def widths(self) -> Array:
        """Return the ranges of z."""
        return np.array([parameter.width for parameter in self.parameters])

    def points(self, z: Array) -> Array:
        """Turn coordinates (m, p) into values."""
        return np.array([[p.value(float(x)) for p, x in zip(self.parameters, row, strict=True)] for row in z])

    @property
    def estimated(self) -> list[int]:
        """Return the groups with a standard deviation to be estimated."""
        return [int(group) for group in np.unique(self.groups[np.isnan(self.deviations)])]


def penalties(problem: FitProblem, z: Array) -> Array:
    """Return the weighted residuals of priors at ``z`` (p,)."""
    return np.array([(x - p.prior[0]) / p.prior[1] for x, p in zip(z, problem.parameters, strict=True) if p.prior])


def weights(problem: FitProblem, sigmas: dict[int, float]) -> Array:
    """Return 1 / standard deviation (n,), with ``sigmas`` of groups where a sample states none."""
    filled = problem.deviations.copy()
    for group, sigma in sigmas.items():
        filled[np.isnan(filled) & (problem.groups == group)] = sigma
    return 1.0 / filled


def first_sigmas(problem: FitProblem) -> dict[int, float]:
    """Return standard deviations to begin with: a tenth of what the samples of a group spread, or are."""
    found = {}
    for group in problem.estimated:
        values = problem.values[problem.groups == group]
        found[group] = 0.1 * float(np.std(values)) or 0.1 * float(np.max(np.abs(values))) or 1.0
    return found


def next_sigmas(problem: FitProblem, residuals: Array) -> tuple[dict[int, float], dict[int, float]]:
    """Estimate standard deviations from ``residuals`` (n,), measured minus predicted; return them with their freedoms.

    The parameters take their freedoms from all groups alike: those of a group are n·(1 − p / N).
    """
    share = 1.0 - len(problem.parameters) / len(problem.values)
    sigmas, freedoms = {}, {}
    for group in problem.estimated:
        chosen = (problem.groups == group) & np.isnan(problem.deviations)
        freedoms[group] = float(np.sum(chosen)) * share
        least = 1e-9 * float(np.max(np.abs(problem.values[chosen]))) or 1e-300
        sigmas[group] = max(math.sqrt(float(np.sum(residuals[chosen] ** 2)) / freedoms[group]), least)
    return sigmas, freedoms
