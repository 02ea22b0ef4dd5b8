"""How a factor varies: distributions by their quantiles, so that every design of the unit cube serves all of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]


class AbstractDistribution(ABC):
    """A random number in the unit of its factor."""

    @abstractmethod
    def quantile(self, u: Array) -> Array:
        """Return the values below which shares ``u`` in [0, 1] lie."""

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value; infinite where there is none."""

    @property
    def is_bounded(self) -> bool:
        """True where both bounds are finite."""
        return all(map(math.isfinite, self.bounds))


@dataclass(frozen=True, slots=True)
class Uniform(AbstractDistribution):
    """Equally likely between ``low`` and ``high``."""

    low: float
    high: float

    def quantile(self, u: Array) -> Array:
        return self.low + u * (self.high - self.low)

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class LogUniform(AbstractDistribution):
    """Its logarithm is uniform; ``low`` > 0."""

    low: float
    high: float

    def quantile(self, u: Array) -> Array:
        return self.low * np.asarray(self.high / self.low) ** u

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class Normal(AbstractDistribution):
    """Gaussian, cut off outside ``low`` and ``high``."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def quantile(self, u: Array) -> Array:
        begin, end = (special.ndtr((limit - self.mean) / self.sd) for limit in (self.low, self.high))
        found: Array = self.mean + self.sd * special.ndtri(begin + u * (end - begin))
        return np.clip(found, self.low, self.high)

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class Lognormal(AbstractDistribution):
    """Its logarithm is Gaussian: ``median`` > 0, geometric standard deviation ``gsd`` > 1."""

    median: float
    gsd: float

    def quantile(self, u: Array) -> Array:
        found: Array = self.median * self.gsd ** special.ndtri(u)
        return found

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@dataclass(frozen=True, slots=True)
class Triangular(AbstractDistribution):
    """Density rising from ``low`` to ``mode`` and falling to ``high``."""

    low: float
    mode: float
    high: float

    def quantile(self, u: Array) -> Array:
        width = self.high - self.low
        share = (self.mode - self.low) / width
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        return np.where(u < share, rising, falling)

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class Choice(AbstractDistribution):
    """One of ``values``, all equally likely."""

    values: tuple[float, ...]

    def quantile(self, u: Array) -> Array:
        index = np.minimum((u * len(self.values)).astype(np.int64), len(self.values) - 1)
        return np.asarray(self.values)[index]

    @property
    def bounds(self) -> tuple[float, float]:
        return min(self.values), max(self.values)
