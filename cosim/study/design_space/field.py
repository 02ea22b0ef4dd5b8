"""Responses at any point of the factors that are set, under every draw of those that scatter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from cosim.study.design_space.surfaces import Fitted, Scaling
from cosim.study.problem import Array, Factor, Response

_MOST_NUMBERS: Final = 4_000_000
"""Held at a time."""


class AbstractField(ABC):
    """Responses (p, n, m) at points (p, k) under n draws."""

    n: int

    @abstractmethod
    def __call__(self, x: Array) -> Array:
        """Return the responses, NaN where there is none."""


class Interpolated(AbstractField):
    """Linear between the points of a grid with ``axes`` where ``values`` (points, n, m) were found."""

    def __init__(self, axes: Sequence[Array], values: Array) -> None:
        self._axes, self._values, self.n = axes, values, values.shape[1]

    def __call__(self, x: Array) -> Array:  # noqa: D102
        lower, weights = [], []
        for i, axis in enumerate(self._axes):
            cell = np.clip(np.searchsorted(axis, x[:, i], side="right") - 1, 0, len(axis) - 2)
            lower.append(cell)
            weights.append((x[:, i] - axis[cell]) / (axis[cell + 1] - axis[cell]))
        found = np.zeros((len(x), *self._values.shape[1:]))
        for corner in product((0, 1), repeat=len(self._axes)):
            weight = np.prod([w if side else 1.0 - w for side, w in zip(corner, weights, strict=True)], axis=0)
            cells = [cell + side for side, cell in zip(corner, lower, strict=True)]
            number = np.ravel_multi_index(cells, [len(axis) for axis in self._axes])
            at_all = weight > 0.0  # a point of the grid needs no neighbour, which may lack a value
            found[at_all] += weight[at_all, None, None] * self._values[number[at_all]]
        return found


class OnSurfaces(AbstractField):
    """Surfaces ``fits``, one for each response, with their own error scattered on top.

    ``scatter`` (n, q) are the draws, ``errors`` (n, m) standard normal numbers, the same at every point.
    """

    def __init__(self, fits: Sequence[Fitted], scaling: Scaling, scatter: Array, errors: Array) -> None:
        self._fits, self._scaling, self.n = fits, scaling, len(scatter)
        self._scatter, self._errors = scaling.noise(scatter), errors

    def __call__(self, x: Array) -> Array:  # noqa: D102
        scaled = self._scaling.design(x)
        found = [
            fit.surface(scaled, self._scatter) + fit.error * self._errors[:, j] for j, fit in enumerate(self._fits)
        ]
        return np.stack(found, axis=2)


@dataclass(frozen=True, slots=True)
class Judged:
    """Of points (p,): ``met`` (p, m + 1), how many draws meet each response and, last, all at once.

    ``margins`` (p, m + 1) are not below zero where so many draws do as are demanded, and continuous in the factors:
    the margin to its limits that this share of the draws has, scaled.
    """

    met: Array
    margins: Array


@dataclass(frozen=True, slots=True)
class Space:
    """``factors`` that are set, their ``set_point``, ``responses`` with limits, and how often these must be met."""

    factors: tuple[Factor, ...]
    set_point: Array
    responses: tuple[Response, ...]
    field: AbstractField
    scales: Array
    demanded: float
    confidence: float

    @property
    def n(self) -> int:
        """How many draws judge a point."""
        return self.field.n

    def judge(self, points: Array) -> Judged:
        """Judge ``points`` (p, k)."""
        size = max(_MOST_NUMBERS // (self.n * len(self.responses)), 1)
        parts = [self._judge(points[first : first + size]) for first in range(0, len(points), size)]
        return Judged(np.concatenate([p.met for p in parts]), np.concatenate([p.margins for p in parts]))

    def _judge(self, points: Array) -> Judged:
        margins = self.margins(self.field(points))
        margins = np.concatenate([margins, margins.min(axis=2, keepdims=True)], axis=2)
        needed = int(np.ceil(self.demanded * self.n - 1e-9))
        rank = self.n - max(needed, 1)
        return Judged((margins >= 0.0).sum(axis=1), np.partition(margins, rank, axis=1)[:, rank])

    def margins(self, values: Array) -> Array:
        """Return how far ``values`` (p, n, m) keep their limits, over ``scales``; a value that is missing does not."""
        found = np.full(values.shape, np.inf)
        for j, response in enumerate(self.responses):
            if response.at_least is not None:
                found[..., j] = values[..., j] - response.at_least
            if response.at_most is not None:
                found[..., j] = np.minimum(found[..., j], response.at_most - values[..., j])
        return np.where(np.isfinite(values), found / self.scales, -1.0)
