"""What is wanted: objectives to be made small or large, and limits to be kept; runs judged by both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.study.problem import Array, Problem, Response

HAIR: Final = 1e-6
"""Share of what a response spans by which a search stays inside a limit, so that its best run keeps it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One side of the specification of the response in ``column``; ``sign`` is 1 for at most, −1 for at least."""

    column: int
    response: Response
    bound: float
    sign: float

    @property
    def words(self) -> str:
        """Return 'at most' or 'at least'."""
        return "at most" if self.sign > 0 else "at least"


@dataclass(frozen=True, slots=True)
class Objective:
    """The response in ``column``; ``sign`` is 1 where it should be small, −1 where it should be large."""

    column: int
    response: Response
    sign: float


@dataclass(frozen=True, slots=True)
class Aims:
    """Objectives and limits of a problem."""

    objectives: tuple[Objective, ...]
    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, problem: Problem) -> Aims:
        """Read them off the responses of ``problem``."""
        objectives, limits = [], []
        for j, response in enumerate(problem.responses):
            if response.goal is not None:
                objectives.append(Objective(j, response, 1.0 if response.goal == "minimise" else -1.0))
            for bound, sign in ((response.at_least, -1.0), (response.at_most, 1.0)):
                if bound is not None:
                    limits.append(Limit(j, response, bound, sign))
        return cls(tuple(objectives), tuple(limits))

    def costs(self, values: Array) -> Array:
        """Return the objectives (n, o) of responses (n, m), all to be made small."""
        return np.column_stack([item.sign * values[:, item.column] for item in self.objectives])

    def excesses(self, values: Array) -> Array:
        """Return by how much responses (n, m) pass each limit (n, c), in their units; negative where they keep it."""
        found = [item.sign * (values[:, item.column] - item.bound) for item in self.limits]
        return np.column_stack(found) if found else np.zeros((len(values), 0))

    def judged(self, values: Array) -> Judged:
        """Judge responses (n, m) of runs."""
        costs, excesses = self.costs(values), self.excesses(values)
        is_there = np.asarray(np.isfinite(np.column_stack([costs, excesses])).all(axis=1))
        spans = np.array([span(values[:, item.column]) for item in self.limits])
        missed = np.where(is_there[:, None], np.maximum(excesses, 0.0) / spans, np.inf)
        return Judged(costs, excesses, spans, missed.sum(axis=1), is_there)


@dataclass(frozen=True, slots=True)
class Judged:
    """Runs with their costs (n, o), excesses (n, c) over limits, and the shares by which they miss them together (n,).

    ``spans`` (c,) are what the limited responses span over these runs; ``is_there`` (n,) tells which gave all values.
    """

    costs: Array
    excesses: Array
    spans: Array
    missed: Array
    is_there: NDArray[np.bool_]

    @property
    def is_feasible(self) -> NDArray[np.bool_]:
        """Tell which runs (n,) keep every limit."""
        return self.is_there & (self.excesses <= 0.0).all(axis=1)

    def ranking(self) -> list[int]:
        """Return the runs that gave values, the best of the first objective first, those that miss limits last."""
        there = np.flatnonzero(self.is_there)
        feasible = self.is_feasible[there]
        merit = np.where(feasible, self.costs[there, 0], self.missed[there])
        return [int(i) for i in there[np.lexsort((there, merit, ~feasible))]]


def span(values: Array) -> float:
    """Return how far ``values`` (n,) that are there lie apart; their size, or 1, where they do not."""
    there = values[np.isfinite(values)]
    if len(there) == 0:
        return 1.0
    return float(np.ptp(there)) or float(abs(there[0])) or 1.0
