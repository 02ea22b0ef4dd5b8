"""The unscented Kalman filter: a few members placed on purpose, for up to some fifteen states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from filterpy.kalman import MerweScaledSigmaPoints, unscented_transform

from cosim.clock import Ticks, to_seconds
from cosim.errors import EstimationError
from cosim.estimation.belief import Array, Belief, Bounds, Innovation, Measurement
from cosim.estimation.filter import AbstractFilter
from cosim.estimation.process import AbstractProcess

_NOTHING: Final = 1e-10
"""Eigenvalue of a correlation below which it is taken for rounding."""


@dataclass(frozen=True, slots=True)
class UnscentedFilter(AbstractFilter):
    """2n + 1 members for n states. ``noise`` (n, n) is the covariance that the states gain per second.

    ``relative`` (n,) is the variance that they gain, as a share of the square of their mean.

    ``alpha``, ``beta`` and ``kappa`` place the members; as they stand, a mean weight of zero and all others equal (the
    cubature rule), which no number of states makes negative.

    Source: Julier and Uhlmann 2004, doi:10.1109/JPROC.2003.823141; Arasaratnam and Haykin 2009,
    doi:10.1109/TAC.2009.2019800; the placing and the transform are those of filterpy.
    """

    model: AbstractProcess
    noise: Array
    bounds: Bounds
    alpha: float = 1.0
    beta: float = 0.0
    kappa: float = 0.0
    relative: Array | float = 0.0

    @property
    def process(self) -> AbstractProcess:
        return self.model

    def begin(self, time: Ticks, mean: Array, covariance: Array) -> Belief:
        """Return a belief to begin with: ``mean`` (n,) and ``covariance`` (n, n)."""
        return Belief(time, mean, covariance, self._members(mean, covariance))

    def predict(self, belief: Belief, end: Ticks) -> Belief:
        moved = self.model.advance(belief.members, belief.time, end)
        mean, covariance = unscented_transform(moved, *self._weights, noise_cov=self._gained(belief, belief.time, end))
        covariance = belief.inflation * covariance
        return replace(belief, time=end, mean=mean, covariance=covariance, members=self._members(mean, covariance))

    def scattered(self, belief: Belief, since: Ticks) -> Belief:
        """Return ``belief`` with the noise that is gained from ``since`` to its time, and inflated."""
        covariance = belief.inflation * (belief.covariance + self._gained(belief, since, belief.time))
        return replace(belief, covariance=covariance, members=self._members(belief.mean, covariance))

    def _gained(self, belief: Belief, start: Ticks, end: Ticks) -> Array:
        noise = self.noise + np.diag(np.broadcast_to(self.relative, belief.mean.shape) * belief.mean**2)
        return np.asarray(noise * to_seconds(Ticks(end - start)))

    def update(self, belief: Belief, measurement: Measurement) -> tuple[Belief, Innovation]:
        which = np.flatnonzero(measurement.is_there)
        mean_weights, weights = self._weights
        shown = self.model.observe(belief.members)[:, which]
        expected, scatter = unscented_transform(shown, mean_weights, weights)
        scatter = scatter + np.diag(measurement.noise(which, expected, np.diag(scatter)))
        innovation = Innovation(belief.time, measurement.values[which] - expected, scatter, which)
        if not which.size:
            return belief, innovation
        cross = (weights[:, None] * (belief.members - belief.mean)).T @ (shown - expected)
        gain = np.linalg.solve(scatter, cross.T).T
        mean = self.bounds.kept(belief.mean + gain @ innovation.difference)
        covariance = belief.covariance - gain @ scatter @ gain.T
        covariance = 0.5 * (covariance + covariance.T)
        return replace(belief, mean=mean, covariance=covariance, members=self._members(mean, covariance)), innovation

    @property
    def weights(self) -> Array:
        """What each member counts in a mean (2n + 1,)."""
        return self._weights[0]

    def mixture(self, n: int) -> Array:
        """Return ``n`` states that scatter as those believed, as shares of the members (n, 2n + 1), always the same.

        Whatever else a model holds may be mixed alike, as far as it goes with the states as a straight line.
        """
        n_states = len(self.noise)
        drawn = np.random.default_rng((n, n_states)).standard_normal((n, n_states))
        drawn -= drawn.mean(axis=0)
        if n > n_states:
            drawn = np.linalg.solve(np.linalg.cholesky(drawn.T @ drawn / (n - 1)), drawn.T).T
        spread = 0.5 * drawn / np.sqrt(self._spread)
        return np.asarray(self.weights + np.hstack([np.zeros((n, 1)), spread, -spread]))

    @property
    def _spread(self) -> float:
        """The square of how many standard deviations the members stand off their mean."""
        return self.alpha**2 * (len(self.noise) + self.kappa)

    @property
    def _points(self) -> MerweScaledSigmaPoints:
        return MerweScaledSigmaPoints(len(self.noise), self.alpha, self.beta, self.kappa, sqrt_method=_root)

    @property
    def _weights(self) -> tuple[Array, Array]:
        points = self._points
        return points.Wm, points.Wc

    def _members(self, mean: Array, covariance: Array) -> Array:
        return self.bounds.kept(self._points.sigma_points(mean, covariance))


def _root(covariance: Array) -> Array:
    """Return U with UᵀU = ``covariance``; what rounding has made slightly negative counts as zero."""
    deviations, correlation = _correlation(covariance)
    try:
        return np.asarray(np.linalg.cholesky(correlation).T * deviations)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(correlation)
        return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T * deviations)


def inverse(covariance: Array) -> Array:
    """Return the inverse, and of what does not scatter the pseudo-inverse, whatever the sizes of the states."""
    deviations, correlation = _correlation(covariance)
    scale = np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations > 0.0)
    return np.asarray(np.linalg.pinv(correlation, rcond=_NOTHING, hermitian=True) * np.outer(scale, scale))


def _correlation(covariance: Array) -> tuple[Array, Array]:
    """Return standard deviations and what is left, in which 1e-19 kg/s and 1e12 cells are alike."""
    if not np.all(np.isfinite(covariance)):
        raise EstimationError("The estimate has lost its covariance: a state or a measurement is not finite.")
    deviations = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    scale = np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations > 0.0)
    return deviations, covariance * np.outer(scale, scale)
