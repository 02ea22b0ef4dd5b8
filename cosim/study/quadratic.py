"""A quadratic surface fitted to runs by least squares, in factors scaled to −1…1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from cosim.study.problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Quadratic:
    """y = b0 + Σ bi xi + Σ bij xi xj with ``coefficients`` in the order of ``powers``; ``explained`` is R²."""

    coefficients: Array
    powers: tuple[tuple[int, ...], ...]
    explained: float

    def __call__(self, x: Array) -> Array:
        """Return the surface (n,) at scaled points (n, k)."""
        values: Array = _columns(x, self.powers) @ self.coefficients
        return values

    def terms(self, problem: Problem) -> Iterator[tuple[str, float]]:
        """Yield every term but the constant with its coefficient."""
        for power, value in zip(self.powers[1:], self.coefficients[1:].tolist(), strict=True):
            names = [problem.factors[i].name for i in power]
            is_square = len(power) == 2 and power[0] == power[1]
            yield (f"{names[0]}²" if is_square else " × ".join(names)), value


def scaled(problem: Problem, points: Array) -> Array:
    """Return ``points`` (n, k) with every range scaled to −1…1."""
    low, high = np.array([factor.distribution.bounds for factor in problem.factors]).T
    found: Array = 2.0 * (points - low) / (high - low) - 1.0
    return found


def fit(problem: Problem, points: Array, values: Array) -> Quadratic | None:
    """Return the surface through ``values`` (n,) at ``points`` (n, k), None where they do not suffice."""
    return fit_scaled(scaled(problem, points), values)


def fit_scaled(x: Array, values: Array) -> Quadratic | None:
    """Do the same at points ``x`` (n, k) that are scaled already."""
    powers = _powers(x.shape[1])
    columns = _columns(x, powers)
    if len(values) < len(powers) or np.linalg.matrix_rank(columns) < len(powers):
        return None
    coefficients: Array = np.asarray(np.linalg.lstsq(columns, values, rcond=None)[0], dtype=np.float64)
    rest = float(np.sum((values - columns @ coefficients) ** 2))
    total = float(np.sum((values - np.mean(values)) ** 2))
    return Quadratic(coefficients, powers, 1.0 - rest / total if total > 0.0 else 1.0)


def left_out(x: Array, values: Array) -> Array:
    """Return by how much each of ``values`` (n,) misses the surface through all others: e/(1 − h), h its leverage."""
    columns = _columns(x, _powers(x.shape[1]))
    q, _ = np.linalg.qr(columns)
    leverage = np.sum(q**2, axis=1)
    residuals = values - q @ (q.T @ values)
    found: Array = residuals / np.maximum(1.0 - leverage, 1e-12)
    return found


def _powers(k: int) -> tuple[tuple[int, ...], ...]:
    return ((), *((i,) for i in range(k)), *combinations_with_replacement(range(k), 2))


def _columns(x: Array, powers: tuple[tuple[int, ...], ...]) -> Array:
    return np.column_stack([np.prod(x[:, list(power)], axis=1) for power in powers])
