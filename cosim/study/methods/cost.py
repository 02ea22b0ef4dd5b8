"""Cost: one run of the scenario, and what it takes in time, buffer, resin, membrane and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.option import option
from cosim.errors import StudyError
from cosim.study.cost.account import Account
from cosim.study.cost.answer import answer
from cosim.study.method import AbstractMethod, Answer, Batches, Runs
from cosim.study.problem import Problem


@dataclass(frozen=True, slots=True)
class Cost(AbstractMethod):
    """Answers from ``cost`` of the study; with factors, ask for ``cost(per_gram)`` as a response of another method."""

    change: float = option(0.2, "of each price, in the picture of what moves the cost", least=1e-3, most=0.99)

    def objections(self, problem: Problem) -> Sequence[str]:
        if problem.costing is None:
            return ["Method 'cost' needs to know what is consumed. Write 'cost: {prices: …, product: …, items: …}'."]
        if problem.factors:
            return [
                "Method 'cost' makes one run. To vary factors choose another method, such as monte_carlo or morris, "
                "with a response such as cost(per_gram)."
            ]
        return []

    def batches(self, problem: Problem) -> Batches:
        yield np.empty((1, 0))

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return answer(account_of(problem, runs.values[0].tolist()), self.change)


def account_of(problem: Problem, values: Sequence[float]) -> Account:
    """Return what a run with ``values`` of all responses costs.

    Raises
    ------
    StudyError
        When a number is missing, or nothing was made.
    """
    assert problem.costing is not None
    asked = values[len(values) - len(problem.costing.responses) :]
    found = problem.costing.account(asked)
    if found is None:
        lacking = [
            one.name for one, value in zip(problem.costing.responses, asked, strict=True) if not np.isfinite(value)
        ]
        why = (
            f"the run gives no value of {', '.join(lacking)}"
            if lacking
            else "the run makes no product, costs nothing or takes no time"
        )
        raise StudyError(f"There is no cost per gram: {why}.")
    return found
