"""Factors as axes of the unit cube, in which searches move."""

from __future__ import annotations

from typing import Final

import numpy as np

from cosim.study.distributions import Choice, LogUniform
from cosim.study.problem import Array, Factor, Problem

DIGITS: Final = 12
"""Decimals of a place on an axis: what a search asks for does not hang on the last bits of its arithmetic."""


def points_of(problem: Problem, cube: Array) -> Array:
    """Return the values (n, k) of the factors at places (n, k) of the unit cube."""
    return np.column_stack([_value(factor, cube[:, i]) for i, factor in enumerate(problem.factors)])


def cube_of(problem: Problem, points: Array) -> Array:
    """Return the places (n, k) in the unit cube of values (n, k); of a list the middle of the value's share."""
    return np.column_stack([_place(factor, points[:, i]) for i, factor in enumerate(problem.factors)])


def _value(factor: Factor, place: Array) -> Array:
    distribution = factor.distribution
    if isinstance(distribution, Choice):
        return distribution.quantile(place)
    low, high = distribution.bounds
    if isinstance(distribution, LogUniform):
        return np.clip(distribution.quantile(place), low, high)
    return np.clip(low + place * (high - low), low, high)


def _place(factor: Factor, values: Array) -> Array:
    distribution = factor.distribution
    if isinstance(distribution, Choice):
        order = {value: i for i, value in enumerate(distribution.values)}
        return np.array([(order[value] + 0.5) / len(order) for value in values.tolist()])
    low, high = distribution.bounds
    if isinstance(distribution, LogUniform):
        return np.asarray(np.log(values / low) / np.log(high / low))
    return np.asarray((values - low) / (high - low))


def ranged(problem: Problem) -> list[int]:
    """Return the numbers of the factors that have a range rather than a list of values."""
    return [i for i, factor in enumerate(problem.factors) if not factor.is_discrete]
