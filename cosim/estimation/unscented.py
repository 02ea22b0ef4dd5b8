"""The unscented Kalman filter: a few members placed on purpose, for up to some fifteen states."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from filterpy.kalman import MerweScaledSigmaPoints, unscented_transform

from cosim.clock import Ticks, to_seconds
from cosim.errors import EstimationError
from cosim.estimation.belief import Array, Belief, Bounds, Innovation, Measurement
from cosim.estimation.filter import AbstractFilter
from cosim.estimation.process import AbstractProcess


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
        noise = self.noise + np.diag(np.broadcast_to(self.relative, belief.mean.shape) * belief.mean**2)
        gained = noise * to_seconds(Ticks(end - belief.time))
        mean, covariance = unscented_transform(moved, *self._weights, noise_cov=gained)
        covariance = belief.inflation * covariance
        return replace(belief, time=end, mean=mean, covariance=covariance, members=self._members(mean, covariance))

    def update(self, belief: Belief, measurement: Measurement) -> tuple[Belief, Innovation]:
        which = np.flatnonzero(measurement.is_there)
        mean_weights, weights = self._weights
        shown = self.model.observe(belief.members)[:, which]
        expected, scatter = unscented_transform(
            shown, mean_weights, weights, noise_cov=np.diag(measurement.variances[which])
        )
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
    try:
        return np.asarray(np.linalg.cholesky(covariance).T)
    except np.linalg.LinAlgError:
        pass
    if not np.all(np.isfinite(covariance)):
        raise EstimationError("The estimate has lost its covariance: a state or a measurement is not finite.")
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)
