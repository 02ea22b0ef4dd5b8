"""Full factorial: every combination of the levels of all factors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.option import option
from cosim.study.distributions import Choice
from cosim.study.effects import effects
from cosim.study.method import MOST_RUNS, AbstractMethod, Answer, Batches, Runs, correlated, unbounded
from cosim.study.problem import Array, Factor, Problem


@dataclass(frozen=True, slots=True)
class FullFactorial(AbstractMethod):
    """Ranges are cut into ``levels`` at equal distances, both ends among them; listed values are taken as they are."""

    levels: int = option(2, "of a factor with a range", least=2)

    def objections(self, problem: Problem) -> Sequence[str]:
        n = math.prod(len(self._levels(factor)) for factor in problem.factors if factor.distribution.is_bounded)
        if n > MOST_RUNS:
            text = (
                f"{len(problem.factors)} factors have {n:,} combinations of levels. Use fractional_factorial, or fewer."
            )
            return [text]
        return [*correlated(problem, "full_factorial"), *unbounded(problem, "full_factorial")]

    def _levels(self, factor: Factor) -> Array:
        if isinstance(factor.distribution, Choice):
            return np.asarray(factor.distribution.values)
        return np.linspace(*factor.distribution.bounds, self.levels)

    def batches(self, problem: Problem) -> Batches:
        grid = np.meshgrid(*(self._levels(factor) for factor in problem.factors), indexing="ij")
        yield np.column_stack([axis.ravel() for axis in grid])

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return effects(problem, runs)
