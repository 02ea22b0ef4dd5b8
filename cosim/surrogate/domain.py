"""Where a surrogate was trained, and how far its members may disagree there: the first two layers of the guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.surrogate.model import Array

MARGIN: Final = 0.05
"""Share of a coordinate's range by which it may be left."""
SLACK: Final = 1.5
"""Distance and spread allowed, over the largest of the calibration runs."""
RIDGE: Final = 1e-3
"""Share of the variance added in each direction, so that directions that hardly vary do not decide."""
ROUND_OFF: Final = 1e-9
_LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Domain:
    """Limits of the coordinates, of the distance from their mean, and of the spread of the ensemble.

    The distance is Mahalanobis' over √n: (z − mean)ᵀ (cov + ridge)⁻¹ (z − mean) / n with z the coordinates over their
    deviations; ``whitening`` is the root of that matrix.
    """

    names: tuple[str, ...]
    low: Array
    high: Array
    mean: Array
    whitening: Array
    distance_limit: float
    spread_limit: float

    @property
    def _room(self) -> Array:
        """How far each coordinate may leave its range."""
        return np.maximum(MARGIN * (self.high - self.low) + ROUND_OFF * np.abs(self.high), _LEAST)

    def distance(self, coordinates: Array) -> Array:
        """Return the distances of ``coordinates`` (n, n_coordinates)."""
        apart = (coordinates - self.mean) @ self.whitening
        distances: Array = np.sqrt((apart * apart).mean(-1))
        return distances

    def excess(self, coordinates: Array, spread: Array) -> Array:
        """Return (n,) the largest share of what is allowed: of leaving a range, of distance, of spread (n,)."""
        beyond = np.maximum(self.low - coordinates, coordinates - self.high) / self._room
        far = self.distance(coordinates) / max(self.distance_limit, _LEAST)
        largest: Array = np.maximum(beyond.max(-1), np.maximum(far, spread / max(self.spread_limit, _LEAST)))
        return largest

    def why_outside(self, coordinates: Array, spread: float, *, tightness: float = 1.0) -> str:
        """Say why a surrogate should not be trusted at ``coordinates`` (n_coordinates,); '' where it may be.

        ``tightness`` below 1 asks for more: whoever comes back should be well inside.
        """
        beyond = np.maximum(self.low - coordinates, coordinates - self.high) / self._room
        if not (beyond <= tightness).all():
            i = int(np.argmax(np.where(np.isfinite(beyond), beyond, np.inf)))
            return (
                f"{self.names[i]} is {coordinates[i]:.4g}, and it was trained from {self.low[i]:.4g} to "
                f"{self.high[i]:.4g}"
            )
        distance = float(self.distance(coordinates[None])[0])
        if not distance <= self.distance_limit * tightness:
            return f"its distance from the training data is {distance:.3g}, and {self.distance_limit:.3g} is allowed"
        if not spread <= self.spread_limit * tightness:
            return f"its members disagree by {spread:.3g} deviations, and {self.spread_limit:.3g} are allowed"
        return ""

    def document(self) -> dict[str, Any]:
        """Return the limits for JSON; mean and whitening are tensors."""
        limits = {
            name: [low, high] for name, low, high in zip(self.names, self.low.tolist(), self.high.tolist(), strict=True)
        }
        return {"coordinates": limits, "distance": self.distance_limit, "spread": self.spread_limit}


def find_domain(names: tuple[str, ...], learned: Array, calibration: Array, spreads: Array) -> Domain:
    """Return the domain of coordinates ``learned`` (n, n_coordinates); limits from ``calibration`` and its spreads."""
    mean, deviation = learned.mean(0), learned.std(0)
    varies = deviation > ROUND_OFF * np.abs(mean)
    z = np.where(varies, (learned - mean) / np.where(varies, deviation, 1.0), 0.0)
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    root = vectors / np.sqrt(values + RIDGE) @ vectors.T
    whitening = np.where(varies, 1.0 / np.where(varies, deviation, 1.0), 0.0)[:, None] * root
    domain = Domain(names, learned.min(0), learned.max(0), mean, whitening, np.inf, np.inf)
    distances = np.concatenate([domain.distance(calibration), domain.distance(learned)])
    return Domain(
        names, domain.low, domain.high, mean, whitening, SLACK * float(distances.max()), SLACK * float(spreads.max())
    )


def read_domain(document: Mapping[str, Any], tensors: Mapping[str, Array]) -> Domain:
    """Read what ``document`` wrote."""
    names = tuple(map(str, document["coordinates"]))
    limits = np.array([[float(low), float(high)] for low, high in document["coordinates"].values()])
    return Domain(
        names, limits[:, 0], limits[:, 1], tensors["domain_mean"], tensors["domain_whitening"],
        float(document["distance"]), float(document["spread"]),
    )  # fmt: skip
