"""The factors of a process that are set, those that scatter, and grids over the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.study.distributions import Choice, LogUniform, Uniform
from cosim.study.problem import Array, Factor, Problem


@dataclass(frozen=True, slots=True)
class Roles:
    """Numbers of the factors with a range, which are set, and of those with another distribution, which scatter."""

    design: tuple[int, ...]
    noise: tuple[int, ...]


def roles_of(problem: Problem) -> Roles:
    """Tell the factors of ``problem`` apart."""
    design = tuple(i for i, item in enumerate(problem.factors) if isinstance(item.distribution, _RANGES))
    return Roles(design, tuple(i for i in range(len(problem.factors)) if i not in design))


_RANGES = (Uniform, LogUniform, Choice)


def set_point_of(factor: Factor) -> float:
    """Return what was written, else the middle of the range; of a list of values the one in the middle."""
    if factor.set_point is not None:
        return factor.set_point
    if isinstance(factor.distribution, Choice):
        return factor.distribution.values[(len(factor.distribution.values) - 1) // 2]
    return float(factor.distribution.quantile(np.array(0.5)))


def levels_of(factor: Factor, n: int) -> Array:
    """Return ``n`` values evenly over the range, and the set point; all values of a list."""
    if isinstance(factor.distribution, Choice):
        return np.asarray(factor.distribution.values)
    levels = factor.distribution.quantile(np.linspace(0.0, 1.0, n))
    point = set_point_of(factor)
    low, high = factor.distribution.bounds
    others = levels[np.abs(levels - point) > 1e-9 * (high - low)]
    return np.sort(np.append(others, point))


def mesh(axes: Sequence[Array]) -> Array:
    """Return all combinations (p, k), the last axis fastest."""
    return np.column_stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])


def shares(factors: Sequence[Factor], points: Array) -> Array:
    """Return ``points`` (p, k) as shares of their ranges, 0…1."""
    low, high = np.array([factor.distribution.bounds for factor in factors]).T
    found: Array = (points - low) / (high - low)
    return found
