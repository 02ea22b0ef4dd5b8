"""Sobol sequence: points that fill the ranges evenly, at any number that is a power of two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import qmc

from cosim.algorithm.option import option
from cosim.study.method import AbstractMethod, Answer, Batches, Runs, correlated
from cosim.study.problem import Problem
from cosim.study.summaries import overview


@dataclass(frozen=True, slots=True)
class SobolSequence(AbstractMethod):
    """Scrambled by Owen's method. Source: Sobol' 1967, doi:10.1016/0041-5553(67)90144-9; scipy.stats.qmc."""

    runs: int = option(64, "number of runs, a power of two", least=2, most=1 << 20)

    def objections(self, problem: Problem) -> Sequence[str]:
        power = 1 << round(math.log2(self.runs))
        if power != self.runs:
            return [f"'runs' is {self.runs}; a Sobol sequence is even at powers of two only. Write {power}."]
        return correlated(problem, "sobol_sequence")

    def batches(self, problem: Problem) -> Batches:
        yield problem.points(qmc.Sobol(len(problem.factors), rng=problem.seed).random(self.runs))

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return overview(problem, runs)
