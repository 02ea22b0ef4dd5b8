"""A study bound to its scenario: factors with distributions, responses with specifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cosim.errors import SourceLocation
from cosim.scenario.measures import Measure
from cosim.study.distributions import AbstractDistribution, Choice
from cosim.study.targets import Target

if TYPE_CHECKING:
    from cosim.study.cost.costing import Costing
    from cosim.study.faults.fault import Fault
    from cosim.study.scale_up.entries import ScaleUpEntry

Array = NDArray[np.float64]
Goal = Literal["minimise", "maximise"]
GOALS: Final[tuple[Goal, ...]] = ("minimise", "maximise")


@dataclass(frozen=True, slots=True)
class Factor:
    """What varies, in ``unit``; own value of its variable = ``scale`` · value + ``offset``.

    ``labels`` are the names of the values of a categorical factor, whose value is their number from 0 on, with
    ``own_values`` those of the variable.
    """

    name: str
    target: Target
    unit: str
    distribution: AbstractDistribution
    scale: float = 1.0
    offset: float = 0.0
    labels: tuple[str, ...] = ()
    own_values: tuple[float, ...] = ()
    set_point: float | None = None
    """Where a process would run, None where nothing is written."""
    origin: SourceLocation | None = None

    @property
    def is_categorical(self) -> bool:
        """True where the values have names, and no order."""
        return bool(self.labels)

    @property
    def is_discrete(self) -> bool:
        """True where it takes one of some values."""
        return isinstance(self.distribution, Choice)

    def own(self, value: float) -> float:
        """Return ``value`` as its variable takes it."""
        return self.own_values[round(value)] if self.labels else self.scale * value + self.offset


@dataclass(frozen=True, slots=True)
class Response:
    """A number of each run in the unit of ``measure``, the limits it should keep, and where an optimum has it."""

    name: str
    measure: Measure
    at_least: float | None = None
    at_most: float | None = None
    origin: SourceLocation | None = None
    goal: Goal | None = None
    may_lack: bool = False
    """True where some runs are known to give no value."""
    derived: str = ""
    """What of the cost it is; '' where the run tells it."""

    @property
    def unit(self) -> str:
        """Return the unit in which it is told."""
        return self.measure.unit

    @property
    def has_limits(self) -> bool:
        """True where a specification was written."""
        return self.at_least is not None or self.at_most is not None

    def meets(self, values: Array) -> NDArray[np.bool_]:
        """Tell which of ``values`` keep the limits."""
        kept = np.ones(values.shape, dtype=bool)
        if self.at_least is not None:
            kept &= values >= self.at_least
        if self.at_most is not None:
            kept &= values <= self.at_most
        return kept


@dataclass(frozen=True, slots=True)
class Problem:
    """What a method is given: factors, their correlations (k, k) or None for none, responses, and the seed."""

    factors: tuple[Factor, ...]
    responses: tuple[Response, ...]
    correlations: Array | None = None
    seed: int = 0
    folder: Path = Path()
    """What paths in the options of a method are relative to."""
    faults: tuple[Fault, ...] = ()
    """With faults, the last four factors are labels, with which ``correlations`` have nothing to do."""
    latest: float = 0.0
    """When a run ends at the latest [s]; known where there are faults."""
    costing: Costing | None = None
    scale_up: ScaleUpEntry | None = None

    @property
    def measured(self) -> tuple[Response, ...]:
        """Return what a run is asked for: responses that are no cost, then the numbers a cost is made of."""
        asked = tuple(response for response in self.responses if not response.derived)
        return asked if self.costing is None or self.costing.is_shown else (*asked, *self.costing.responses)

    def points(self, cube: Array) -> Array:
        """Turn points (n, k) of the unit cube into values of the factors."""
        columns = [factor.distribution.quantile(cube[:, i]) for i, factor in enumerate(self.factors)]
        return np.column_stack(columns)

    def scattered(self, numbers: Sequence[int], n: int) -> Array:
        """Return ``n`` draws (n, len(numbers)) of the factors ``numbers``, decided by the seed.

        Correlated by a Gaussian copula (Nelsen 2006, doi:10.1007/0-387-28678-0, 2.3).
        """
        normal = np.random.default_rng(self.seed).standard_normal((n, len(numbers)))
        if self.correlations is not None:
            normal = normal @ np.linalg.cholesky(self.correlations[np.ix_(numbers, numbers)]).T
        found = np.empty((n, len(numbers)))
        for j, i in enumerate(numbers):
            found[:, j] = self.factors[i].distribution.quantile(special.ndtr(normal[:, j]))
        return found

    def own(self, point: Sequence[float]) -> tuple[float, ...]:
        """Return the values of a run as the variables take them."""
        return tuple(factor.own(float(value)) for factor, value in zip(self.factors, point, strict=True))
