"""The ensemble filter: many members that scatter as the states may, for any number of states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.clock import Ticks, to_seconds
from cosim.errors import EstimationError
from cosim.estimation.belief import Array, Belief, Bounds, Innovation, Measurement
from cosim.estimation.filter import AbstractFilter
from cosim.estimation.process import AbstractProcess

SIGNIFICANT: Final = 2.5
"""Student's t of a correlation from which on it is taken for more than chance: one in a hundred is by mistake."""


@dataclass(frozen=True, slots=True)
class EnsembleFilter(AbstractFilter):
    """The serial square-root filter: values are taken one by one, members are shifted and drawn together.

    ``noise`` (n, n) is the covariance that the states gain per second, and ``relative`` (n,) the variance, as a share
    of the square of their mean. It is drawn from ``seed`` and the time, so that going back and on again draws the same.
    What a value says of a state is trusted by how sure their correlation is among so few members: with Student's t of
    the correlation, the regression is multiplied by t² / (1 + t²), and is nothing where |t| is at most ``SIGNIFICANT``:
    chance correlations, met by hundreds of values a day, would make members far too sure of what nobody measured.

    Source: Whitaker and Hamill 2002, doi:10.1175/1520-0493(2002)130<1913:EDAWPO>2.0.CO;2; the trust is the shrinkage of
    least expected error for a slope with the sampling variance of least squares.
    """

    model: AbstractProcess
    noise: Array
    bounds: Bounds
    seed: int = 0
    relative: Array | float = 0.0

    @property
    def process(self) -> AbstractProcess:
        return self.model

    def begin(self, time: Ticks, mean: Array, covariance: Array, n_members: int) -> Belief:
        """Return a belief of ``n_members`` to begin with, which have ``mean`` (n,) and ``covariance`` (n, n)."""
        drawn = np.random.default_rng((self.seed, n_members)).standard_normal((n_members, len(mean)))
        drawn -= drawn.mean(axis=0)
        return belief_of(time, self.bounds.kept(mean + drawn @ _root(covariance)))

    def predict(self, belief: Belief, end: Ticks) -> Belief:
        return self.scattered(self.advanced(belief, end), belief.time)

    def advanced(self, belief: Belief, end: Ticks) -> Belief:
        """Return what the model alone makes of ``belief`` at ``end``."""
        moved = self.model.advance(belief.members, belief.time, end)
        return belief_of(end, moved, belief.inflation)

    def scattered(self, belief: Belief, since: Ticks) -> Belief:
        """Return ``belief`` with the noise that is gained from ``since`` to its time, and inflated.

        What inflates is noise of its own, that goes with nothing that was: scaled members would, by what they remember,
        let a late sample change the states by too much.
        """
        moved, numbers = belief.members, np.random.default_rng((self.seed, since, belief.time))
        gained = self.noise + np.diag(np.broadcast_to(self.relative, belief.mean.shape) * belief.mean**2)
        spread = _root(gained * to_seconds(Ticks(belief.time - since)))
        if spread.any():
            drawn = numbers.standard_normal(moved.shape)
            moved = moved + (drawn - drawn.mean(axis=0)) @ spread
        if belief.inflation != 1.0:
            n = len(moved)
            shares = numbers.standard_normal((n, n))
            shares = (shares - shares.mean(axis=0)) * np.sqrt((belief.inflation - 1.0) / (n - 1))
            moved = moved + shares @ (moved - moved.mean(axis=0))
        return belief_of(belief.time, self.bounds.kept(moved), belief.inflation)

    def update(self, belief: Belief, measurement: Measurement) -> tuple[Belief, Innovation]:
        which = np.flatnonzero(measurement.is_there)
        shown = self.model.observe(belief.members)[:, which]
        n, values = len(belief.mean), measurement.values[which]
        together = np.hstack([belief.members, shown])
        mean, deviations = together.mean(axis=0), together - together.mean(axis=0)
        scatter = deviations[:, n:].T @ deviations[:, n:] / (len(together) - 1)
        variances = measurement.noise(which, mean[n:], np.diag(scatter))
        innovation = Innovation(belief.time, values - mean[n:], scatter + np.diag(variances), which)
        for i, (value, variance) in enumerate(zip(values, variances, strict=True)):
            mean, deviations = taken(mean, deviations, n + i, value=value, variance=variance)
        members = self.bounds.kept((mean + deviations)[:, :n])
        return belief_of(belief.time, members, belief.inflation), innovation


def taken(mean: Array, deviations: Array, place: int, *, value: float, variance: float) -> tuple[Array, Array]:
    """Take the ``value`` of what stands at ``place``; return means and deviations of all."""
    n_members = len(deviations)
    own = deviations[:, place]
    spread = float(own @ own) / (n_members - 1)
    if spread == 0.0:
        return mean, deviations
    covariances = own @ deviations / (n_members - 1)
    own_variances = np.einsum("ij,ij->j", deviations, deviations) / (n_members - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = np.where(own_variances > 0.0, covariances**2 / (own_variances * spread), 0.0)
    chance = np.maximum(1.0 - squared, 0.0) / (n_members - 2)  # of which r² is t² times as much
    trust = np.where(
        squared > SIGNIFICANT**2 * chance, squared / np.maximum(squared + chance, np.finfo(float).tiny), 0.0
    )
    gain = trust * covariances / (spread + variance)
    drawn_in = 1.0 / (1.0 + np.sqrt(variance / (spread + variance)))
    return mean + gain * (value - mean[place]), deviations - drawn_in * np.outer(own, gain)


def belief_of(time: Ticks, members: Array, inflation: float = 1.0) -> Belief:
    """Return the belief that ``members`` (N, n) are."""
    mean = members.mean(axis=0)
    deviations = members - mean
    return Belief(time, mean, deviations.T @ deviations / (len(members) - 1), members, inflation)


def _root(covariance: Array) -> Array:
    """Return U with UᵀU = ``covariance``, which may be singular."""
    if not np.all(np.isfinite(covariance)):
        raise EstimationError("The estimate has lost its members: a state or a measurement is not finite.")
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)
