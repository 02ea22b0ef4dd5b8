"""What the curvature of the sum of squares at its minimum tells: covariance, correlations, what is not determined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cosim.study.fitting.problem import FitProblem
from cosim.study.problem import Array

SINGULAR: float = 1e-5
"""Singular values of the scaled Jacobian below this share of the largest are taken for zero: its differences are
exact to about a millionth."""


@dataclass(frozen=True, slots=True)
class Curvature:
    """Linear theory at the optimum: covariance (p, p) of z, NaN where a parameter is not determined.

    ``freedoms`` (p,) are those of the standard errors, infinite where all standard deviations are stated;
    ``undetermined`` are groups of parameters of which the data determine only some combination.
    """

    covariance: Array
    freedoms: Array
    undetermined: tuple[tuple[int, ...], ...]

    @property
    def errors(self) -> Array:
        """Return standard errors (p,) of z."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def correlation(self, i: int, j: int) -> float:
        """Return the correlation of two parameters, NaN where one is not determined."""
        errors = self.errors
        return float(self.covariance[i, j] / (errors[i] * errors[j]))

    def of_predictions(self, sensitivities: Array) -> Array:
        """Return standard errors (n,) of predictions with derivatives (n, p) that come from those of the parameters."""
        known = ~np.isnan(np.diag(self.covariance))
        part = sensitivities[:, known]
        variances = np.einsum("ij,jk,ik->i", part, self.covariance[np.ix_(known, known)], part)
        return np.asarray(np.sqrt(np.maximum(variances, 0.0)))


def curvature(problem: FitProblem, sensitivities: Array, weights: Array, freedoms: dict[int, float]) -> Curvature:
    """Return linear theory from derivatives (n, p) of predictions to z.

    Standard errors that rest on estimated standard deviations have the freedoms of Welch and Satterthwaite,
    doi:10.2307/3002019.
    """
    rows = sensitivities * weights[:, None]
    priors = [
        np.eye(len(problem.parameters))[j] / parameter.prior[1]
        for j, parameter in enumerate(problem.parameters)
        if parameter.prior is not None
    ]
    jacobian = np.vstack([rows, *priors]) if priors else rows
    norms = np.linalg.norm(jacobian * problem.widths, axis=0)
    scale = np.where(norms > 0.0, norms, 1.0) / problem.widths
    u, s, vt = np.linalg.svd(jacobian / scale, full_matrices=False)
    is_null = s < SINGULAR * s[0] if s[0] > 0.0 else np.ones(len(s), dtype=bool)
    lost = [tuple(int(j) for j in np.flatnonzero(np.abs(row) > 0.1)) for row in vt[is_null]]
    lost += [(int(j),) for j in np.flatnonzero(norms <= 1e-9 * np.max(norms)) if (int(j),) not in lost]
    inverse = np.where(is_null, 0.0, 1.0 / np.where(is_null, 1.0, s))
    solution = (vt.T * inverse) @ u.T / scale[:, None]
    covariance = solution @ solution.T
    for j in {j for group in lost for j in group}:
        covariance[j, :] = covariance[:, j] = np.nan
    return Curvature(covariance, _freedoms(problem, solution, freedoms), tuple(dict.fromkeys(lost)))


def _freedoms(problem: FitProblem, solution: Array, freedoms: dict[int, float]) -> Array:
    """Return the freedoms of each standard error from the share that each group has in it."""
    groups, is_estimated = problem.groups, np.isnan(problem.deviations)
    squares = solution**2
    total = np.sum(squares, axis=1)
    spread = np.zeros(len(solution))
    for group, freedom in freedoms.items():
        part = np.sum(squares[:, : len(groups)][:, (groups == group) & is_estimated], axis=1)
        spread += part**2 / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0.0, total**2 / spread, np.inf)
