"""Fractional factorial: both ends of every range, in few of all combinations, chosen to tell effects apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cosim.algorithm.option import option
from cosim.study.distributions import Choice
from cosim.study.effects import effects
from cosim.study.method import AbstractMethod, Answer, Batches, Runs, correlated, unbounded
from cosim.study.problem import Problem
from cosim.study.pydoe import fraction, not_installed


@dataclass(frozen=True, slots=True)
class FractionalFactorial(AbstractMethod):
    """Source: Box, Hunter, Hunter 2005, Statistics for Experimenters, chapter 6; pydoe."""

    resolution: int = option(
        4, "3: effects are mixed with interactions of two; 4: these with each other; 5: neither", least=3, most=5
    )

    def objections(self, problem: Problem) -> Sequence[str]:
        missing = not_installed("fractional_factorial")
        if missing:
            return missing
        many = [
            f"Method 'fractional_factorial' takes two levels, and {factor.name} has more. Use full_factorial."
            for factor in problem.factors
            if isinstance(factor.distribution, Choice) and len(factor.distribution.values) != 2
        ]
        k = len(problem.factors)
        if k < 2 or fraction(k, self.resolution) is None:
            many.append(f"There is no fraction of resolution {self.resolution} for {k} factors. Use full_factorial.")
        return [*many, *correlated(problem, "fractional_factorial"), *unbounded(problem, "fractional_factorial")]

    def batches(self, problem: Problem) -> Batches:
        levels = fraction(len(problem.factors), self.resolution)
        assert levels is not None
        low, high = np.array([factor.distribution.bounds for factor in problem.factors]).T
        yield np.where(levels > 0.0, high, low)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        found = effects(problem, runs)
        if self.resolution >= 5 or len(runs.points) == 2 ** len(problem.factors):
            return found
        mixed = {
            3: "Every effect is mixed with interactions of two others: resolution 4 or 5 tells them apart.",
            4: "Interactions of two factors are mixed with each other: resolution 5 tells them apart.",
        }
        return replace(found, warnings=(*found.warnings, mixed[self.resolution]))
