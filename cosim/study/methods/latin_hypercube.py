"""Latin hypercube: every factor's range is cut into as many parts as there are runs, each of which is met once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import qmc

from cosim.algorithm.option import option
from cosim.study.method import MOST_RUNS, AbstractMethod, Answer, Batches, Runs, correlated
from cosim.study.problem import Problem
from cosim.study.summaries import overview


@dataclass(frozen=True, slots=True)
class LatinHypercube(AbstractMethod):
    """Source: McKay, Beckman, Conover 1979, doi:10.1080/00401706.1979.10489755; scipy.stats.qmc."""

    runs: int = option(50, "number of runs", least=2, most=MOST_RUNS)

    def objections(self, problem: Problem) -> Sequence[str]:
        return correlated(problem, "latin_hypercube")

    def batches(self, problem: Problem) -> Batches:
        yield problem.points(qmc.LatinHypercube(len(problem.factors), rng=problem.seed).random(self.runs))

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return overview(problem, runs)
