"""A Gaussian process fitted to runs: a smooth surface through them, as bent as they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg, optimize

from cosim.study.problem import Array

MOST_POINTS: Final = 1024
"""Fitting takes their number cubed."""
_LENGTHS: Final = (0.1, 30.0)
"""Of a scaled factor, -1…1, between which it may bend."""
_NUGGETS: Final = (1e-8, 1.0)
"""Variance that no factor explains, over that which they do."""
_STARTS: Final = ((1.0, 1e-4), (4.0, 1e-6))
"""Length and nugget from which the likelihood is climbed."""


@dataclass(frozen=True, slots=True)
class GaussianProcess:
    """Squared exponential covariance with a length for each factor; ``missed`` is what each run misses the rest by.

    Source: Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, equations 2.25, 5.9 and 5.12.
    """

    points: Array
    weights: Array
    lengths: Array
    mean: float
    missed: Array

    def __call__(self, x: Array, w: Array) -> Array:
        """Return the surface (p, n) at every pair of ``x`` (p, a), the first factors, and ``w`` (n, b), the others."""
        a = x.shape[1]
        first = _correlation(x, self.points[:, :a], self.lengths[:a])
        second = _correlation(w, self.points[:, a:], self.lengths[a:])
        found: Array = self.mean + (first * self.weights) @ second.T
        return found


def _correlation(x: Array, y: Array, lengths: Array) -> Array:
    apart = np.zeros((len(x), len(y)))
    for i, length in enumerate(lengths.tolist()):
        apart += ((x[:, i, None] - y[None, :, i]) / length) ** 2
    found: Array = np.exp(-0.5 * apart)
    return found


def fit_process(x: Array, values: Array) -> GaussianProcess:
    """Return the process of the largest likelihood for ``values`` (n,) at points ``x`` (n, k), scaled to -1…1."""
    mean, spread = float(np.mean(values)), float(np.std(values))
    y = (values - mean) / (spread or 1.0)
    squares = [(x[:, i, None] - x[None, :, i]) ** 2 for i in range(x.shape[1])]
    low = [*[np.log(_LENGTHS[0])] * x.shape[1], np.log(_NUGGETS[0])]
    high = [*[np.log(_LENGTHS[1])] * x.shape[1], np.log(_NUGGETS[1])]
    found = [
        optimize.minimize(
            _cost,
            [*[np.log(length)] * x.shape[1], np.log(nugget)],
            args=(squares, y),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"maxiter": 100},
        )
        for length, nugget in _STARTS
    ]
    best = min(found, key=lambda item: float(item.fun)).x
    lengths, nugget = np.exp(best[:-1]), float(np.exp(best[-1]))
    inverse = _inverse(_correlation(x, x, lengths), nugget)[0]
    weights = inverse @ y
    missed = weights / np.diag(inverse) * spread
    return GaussianProcess(x, weights * spread, lengths, mean, missed)


def _inverse(correlation: Array, nugget: float) -> tuple[Array, float]:
    """Return the inverse of the covariance, and the logarithm of its determinant."""
    n = len(correlation)
    factor = linalg.cho_factor(correlation + nugget * np.eye(n), lower=True)
    return linalg.cho_solve(factor, np.eye(n)), 2.0 * float(np.sum(np.log(np.diag(factor[0]))))


def _cost(logs: Array, squares: list[Array], y: Array) -> tuple[float, Array]:
    """Return the negative logarithm of the likelihood, its variance set to the best one, and the slope."""
    lengths, nugget = np.exp(logs[:-1]), float(np.exp(logs[-1]))
    apart = sum(square / length**2 for square, length in zip(squares, lengths.tolist(), strict=True))
    correlation = np.exp(-0.5 * np.asarray(apart))
    inverse, log_determinant = _inverse(correlation, nugget)
    alpha = inverse @ y
    variance = max(float(y @ alpha) / len(y), 1e-300)
    outer = inverse - np.outer(alpha, alpha) / variance
    slopes = [
        0.5 * float(np.sum(outer * correlation * square)) / length**2
        for square, length in zip(squares, lengths.tolist(), strict=True)
    ]
    slope = np.array([*slopes, 0.5 * nugget * float(np.trace(outer))])
    return 0.5 * (len(y) * np.log(variance) + log_determinant), slope
