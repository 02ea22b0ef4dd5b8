"""Weights fitted to experiments: Levenberg and Marquardt's method on residuals over their standard deviations.

    min over w of  Σ ((y(w) − y_measured)/σ)² + Σ (w/τ)²

The second sum keeps the network near zero, where it leaves the mechanism as it is, as far as measurements do not speak.
Source: Marquardt 1963, doi:10.1137/0111030.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.errors import CosimError
from cosim.substitution.hybrid.following import Follower
from cosim.substitution.hybrid.trials import Trial
from cosim.surrogate.model import Array

PRIOR: Final = 1.0
"""Standard deviation τ of a weight before anything was measured."""
SCATTER: Final = 0.3
"""Standard deviation of the weights to begin with; those of the last layer are zero."""
DAMPING: Final = 1e-2
EASIER: Final = 0.3
HARDER: Final = 4.0
"""Factors of the damping after a step that was good, and after one that was not."""
LEAST_GAIN: Final = 1e-3
"""Share of the sum of squares by which two steps in a row should lower it."""
MOST_STEPS: Final = 60
MOST_REFUSALS: Final = 8
SMALL: Final = 1e-4
"""Change of a weight in a difference, where the FMU tells no derivatives."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of one member (n_weights,), and what they took."""

    weights: Array
    n_steps: int
    squares: float


class _Sum:
    """Residuals of experiments, and of the weights themselves."""

    def __init__(self, follower: Follower, trials: Sequence[Trial]) -> None:
        self._follower, self._trials = follower, trials

    def residuals(self, weights: Array) -> Array:
        """Return them; infinite where the FMU fails."""
        try:
            parts = [
                (self._follower.follow(trial, weights).said - trial.values) / trial.deviations for trial in self._trials
            ]
        except CosimError:
            self._follower.renew()
            return np.full(1, np.inf)
        return np.concatenate([*parts, weights / PRIOR])

    def matrix(self, weights: Array) -> Array:
        """Return how they change with the weights."""
        own = np.eye(len(weights)) / PRIOR
        if not self._follower.is_differentiable:
            return self._by_differences(weights)
        parts = [
            self._follower.follow(trial, weights, with_slopes=True).by_weights / trial.deviations[:, None]
            for trial in self._trials
        ]
        return np.concatenate([*parts, own])

    def _by_differences(self, weights: Array) -> Array:
        here = self.residuals(weights)
        moved = [(self.residuals(weights + SMALL * unit) - here) / SMALL for unit in np.eye(len(weights))]
        return np.stack(moved, axis=1)


def begin(n_weights: int, n_last: int, random: np.random.Generator) -> Array:
    """Return weights to begin with: nothing comes out of the last layer, whose weights are the last ``n_last``."""
    weights = SCATTER * random.standard_normal(n_weights)
    weights[n_weights - n_last :] = 0.0
    return weights


def fit(
    follower: Follower,
    trials: Sequence[Trial],
    weights: Array,
    has_time: Callable[[], bool],
    on_step: Callable[[int, float], None] = lambda *_: None,
) -> Fitted:
    """Return the weights with the least sum of squares, from ``weights`` on, while ``has_time``."""
    sums = _Sum(follower, trials)
    residuals = sums.residuals(weights)
    squares, damping, n_steps, idle = float(residuals @ residuals), DAMPING, 0, 0
    while n_steps < MOST_STEPS and idle < 2 and has_time():
        matrix = sums.matrix(weights)
        before = squares
        for _ in range(MOST_REFUSALS):
            normal = matrix.T @ matrix
            move = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -matrix.T @ residuals)
            tried = sums.residuals(weights + move)
            if float(tried @ tried) < squares:
                weights, residuals, squares = weights + move, tried, float(tried @ tried)
                damping *= EASIER
                break
            damping *= HARDER
        n_steps += 1
        idle = idle + 1 if before - squares < LEAST_GAIN * before else 0
        on_step(n_steps, squares)
    return Fitted(weights, n_steps, squares)
