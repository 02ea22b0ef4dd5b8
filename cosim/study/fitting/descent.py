"""One bounded least-squares descent, some parameters held, with gradients from runs made side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from cosim.study.fitting.asking import Ask, Asking, asking
from cosim.study.fitting.problem import FitProblem, penalties
from cosim.study.problem import Array

_AWAY: float = 1e-3
"""Of its range, how large a coordinate is taken to be at least when a step is chosen."""
_FAR: float = 0.01
"""Of its range, how far from zero a search begins at least."""


@dataclass(frozen=True, slots=True)
class Descended:
    """Where a descent ended: coordinates (p,), predictions (n,), weighted sum of squares; why, if not well."""

    z: Array
    predictions: Array
    chi2: float
    complaint: str = ""


class _NoGradient(Exception):
    """Runs on both sides of a point have failed."""


class Descent:
    """Weighted residuals and their Jacobian, in units of the ranges of the coordinates."""

    def __init__(self, problem: FitProblem, weights: Array, step: float, ask: Ask) -> None:
        self._problem, self._weights, self._step, self._ask = problem, weights, step, ask
        self._last: tuple[Array, Array] | None = None

    def predict(self, z: Array) -> Array:
        """Return predictions (m, n) at coordinates (m, p)."""
        return self._ask(self._problem.points(z))

    def residuals(self, z: Array) -> Array:
        """Return weighted residuals, and those of priors, at ``z`` (p,); not finite where the run has failed."""
        predictions = self.predict(z[None, :])[0]
        self._last = z.copy(), predictions
        return self.weighted(z, predictions)

    def weighted(self, z: Array, predictions: Array) -> Array:
        """Return weighted residuals of samples, and those of priors."""
        rows = (predictions - self._problem.values) * self._weights
        return np.concatenate([rows, penalties(self._problem, z)])

    def predictions_at(self, z: Array) -> Array:
        """Return predictions at ``z``, without a run where it was the last."""
        if self._last is None or not np.array_equal(self._last[0], z):
            self.residuals(z)
        assert self._last is not None
        return self._last[1]

    def jacobian(self, z: Array, free: NDArray[np.int64]) -> Array:
        """Return derivatives of weighted residuals to the ``free`` coordinates, by central differences."""
        predictions = self.predictions_at(z)
        rows = self.weighted(z, predictions)
        points, spans = neighbours(self._problem, z, free, self._step)
        found = self.predict(points)
        sides = [self.weighted(point, row) for point, row in zip(points, found, strict=True)]
        columns = []
        for k in range(len(free)):
            below, above = sides[2 * k], sides[2 * k + 1]
            columns.append(_slope(below, rows, above, *spans[k]))
        return np.column_stack(columns)


def _slope(below: Array, here: Array, above: Array, left: float, right: float) -> Array:
    """Return the derivative from values at distances ``left`` and ``right``; from one side where the other has none."""
    has_left, has_right = left > 0 and np.all(np.isfinite(below)), right > 0 and np.all(np.isfinite(above))
    if has_left and has_right:
        # The parabola through three points, which need not be equally far apart.
        rise, fall = (above - here) / right, (here - below) / left
        return (rise * left + fall * right) / (left + right)
    if has_right:
        return (above - here) / right
    if has_left:
        return (here - below) / left
    raise _NoGradient


def neighbours(
    problem: FitProblem, z: Array, free: NDArray[np.int64], step: float
) -> tuple[Array, list[tuple[float, float]]]:
    """Return points (2·k, p) on both sides of ``z``, within the bounds, and how far away they are."""
    low, high = problem.bounds
    points, spans = [], []
    for j in free:
        parameter = problem.parameters[j]
        size = 1.0 if parameter.is_log else max(abs(z[j]), _AWAY * parameter.width)
        h = min(step * size, 0.25 * parameter.width)
        left, right = min(h, z[j] - low[j]), min(h, high[j] - z[j])
        for shift in (-left, right):
            point = z.copy()
            point[j] += shift
            points.append(point)
        spans.append((float(left), float(right)))
    return np.array(points), spans


def slopes(here: Array, rows: Array, spans: list[tuple[float, float]]) -> Array:
    """Return derivatives (n, p) of predictions from those at ``neighbours``; zero where there are none."""
    columns = []
    for k, (left, right) in enumerate(spans):
        below, above = rows[2 * k], rows[2 * k + 1]
        has_left, has_right = left * np.isfinite(below), right * np.isfinite(above)
        span = has_left + has_right
        rise = np.where(has_right > 0, above, here) - np.where(has_left > 0, below, here)
        columns.append(np.nan_to_num(np.where(span > 0, rise / np.where(span > 0, span, 1.0), 0.0)))
    return np.column_stack(columns)


def descend(
    problem: FitProblem,
    weights: Array,
    z: Array,
    *,
    free: NDArray[np.int64],
    step: float,
    most_steps: int,
    tolerance: float,
) -> Asking[Descended | None]:
    """Return a search for the least weighted sum of squares from ``z`` on; it returns None where that fails at once.

    It ends when the sum, or the coordinates, change by less than a share ``tolerance``.
    """

    def algorithm(ask: Ask) -> Descended | None:
        descent = Descent(problem, weights, step, ask)
        return _descend(descent, problem, z, free, most_steps, tolerance)

    return asking(algorithm)


def _descend(
    descent: Descent, problem: FitProblem, z: Array, free: NDArray[np.int64], most_steps: int, tolerance: float
) -> Descended | None:
    """Minimise over the ``free`` coordinates with scipy's trust-region method, which retreats from failed runs.

    Source: Branch, Coleman, Li 1999, doi:10.1137/S1064827595289108; scipy.optimize.least_squares, method 'trf'.
    """
    scale = problem.widths[free]
    low, high = problem.bounds

    def whole(u: Array) -> Array:
        full = z.copy()
        full[free] = np.clip(u * scale, low[free], high[free])
        return full

    start = np.clip(z, low, high)
    predictions = descent.predictions_at(start)
    rows = descent.weighted(start, predictions)
    if not np.all(np.isfinite(rows)):
        return None
    if len(free) == 0:
        return Descended(start, predictions, float(rows @ rows))
    try:
        found = least_squares(
            lambda u: descent.residuals(whole(u)),
            _inside(start[free] / scale, low[free] / scale, high[free] / scale),
            jac=lambda u: descent.jacobian(whole(u), free) * scale,
            bounds=(low[free] / scale, high[free] / scale),
            x_scale="jac",
            ftol=tolerance,
            xtol=tolerance,
            gtol=tolerance,
            max_nfev=most_steps,
        )
    except _NoGradient:
        return Descended(start, predictions, float(rows @ rows), "runs on both sides of a point failed")
    except ValueError:
        return None
    best = whole(found.x)
    predictions = descent.predictions_at(best)
    complaint = "" if found.status > 0 else f"it had not settled after {most_steps} steps"
    return Descended(best, predictions, 2.0 * float(found.cost), complaint)


def _inside(u: Array, low: Array, high: Array) -> Array:
    """Return ``u`` a little away from the bounds, where the method may begin."""
    margin = 1e-6 * (high - low)
    if np.linalg.norm(u) < _FAR:  # the first step is as long as the start is far from zero: it would be none
        u = np.where(high > _FAR, _FAR, -_FAR)
    return np.clip(u, low + margin, high - margin)
