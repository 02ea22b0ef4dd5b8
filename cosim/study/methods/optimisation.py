"""Optimisation: the factors at which objectives are smallest or largest while specifications are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cosim.algorithm.option import option
from cosim.study.fitting.asking import replayed
from cosim.study.method import MOST_RUNS, AbstractMethod, Answer, Batches, Runs, correlated, unbounded
from cosim.study.optimising import local, trials
from cosim.study.optimising.aims import Aims
from cosim.study.optimising.one import answer_one
from cosim.study.optimising.search import Found, Options, n_around, n_first, search
from cosim.study.optimising.several import answer_several
from cosim.study.problem import Problem

MOST_OBJECTIVES: Final = 4
"""Beyond, nearly every run is on the front."""
_NAME: Final = "optimisation"


@dataclass(frozen=True, slots=True)
class Optimisation(AbstractMethod):
    """One objective: quadratic models in trust regions from several starts; several, or lists of values: sampling.

    Source: COBYQA (Ragonneau 2022, doi:10.13140/RG.2.2.12180.65928); optuna (Akiba et al. 2019,
    doi:10.1145/3292500.3330701); NSGA-II (Deb et al. 2002, doi:10.1109/4235.996017).
    """

    solver: str = option("auto", "what searches", choices=("auto", "local", *trials.SAMPLERS))
    runs: int = option(200, "number of runs at most", least=2, most=MOST_RUNS)
    tolerance: float = option(
        1e-3, "share of each range, or of the objective's span, by which a search moves when it ends", least=1e-6,
        most=0.1,
    )  # fmt: skip
    starts: int = option(4, "starts of the local search, which ask side by side", least=1, most=100)
    batch: int = option(20, "runs asked for at once by the others; a generation of nsga2", least=2, most=10_000)
    patience: int = option(10, "batches without a gain after which these end", least=1, most=10_000)

    def objections(self, problem: Problem) -> Sequence[str]:
        aims = Aims.of(problem)
        n, names = len(aims.objectives), ", ".join(item.response.name for item in aims.objectives)
        if n == 0:
            return [
                f"Method '{_NAME}' has no objective. Mark a response with 'goal', as in "
                "'titre: {value: final(reactor.titre), goal: maximise}'."
            ]
        if n > MOST_OBJECTIVES:
            return [f"There are {n} objectives, {names}; {MOST_OBJECTIVES} at most. Turn some into limits."]
        options = self._options(problem)
        found = [*correlated(problem, _NAME), *unbounded(problem, _NAME)]
        if options.solver == "local":
            found += [*self._not_local(problem, names, n), *local.not_installed(_NAME)]
        else:
            found += trials.not_installed(_NAME, options.solver)
        return [*found, *_short(problem, aims, options)]

    def _not_local(self, problem: Problem, names: str, n: int) -> list[str]:
        found = []
        if n > 1:
            found.append(
                f"Solver 'local' takes one objective, and {names} are marked. Use nsga2, or turn all but one into "
                "limits: at_least, at_most."
            )
        listed = ", ".join(factor.name for factor in problem.factors if factor.is_discrete)
        if listed:
            found.append(f"Solver 'local' moves in small steps, and {listed} takes values of a list. Use tpe or nsga2.")
        return found

    def _options(self, problem: Problem) -> Options:
        solver = self.solver
        if solver == "auto":
            is_single = sum(response.goal is not None for response in problem.responses) == 1
            has_list = any(factor.is_discrete for factor in problem.factors)
            solver = "nsga2" if not is_single else "tpe" if has_list else "local"
        return Options(solver, self.runs, self.tolerance, self.starts, self.batch, self.patience)

    def batches(self, problem: Problem) -> Batches:
        yield from search(problem, self._options(problem))

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        options = self._options(problem)
        if len(Aims.of(problem).objectives) > 1:
            return answer_several(problem, options, runs)
        if options.solver == "local":
            return answer_one(problem, options, replayed(search(problem, options), runs), runs)
        around = n_around(problem, Aims.of(problem))
        return answer_one(problem, options, Found((), len(runs.points) - around, around), runs)


def _short(problem: Problem, aims: Aims, options: Options) -> list[str]:
    """Object to a budget within which nothing can be found."""
    first, around = n_first(problem, options), n_around(problem, aims)
    step = options.starts if options.solver == "local" else 0
    if options.runs >= first + step + around:
        return []
    parts = [f"{first} to look at the ranges" if step else f"{first} in the first batch"]
    parts += [f"{step} in a batch"] * bool(step) + [f"{around} around the optimum"] * bool(around)
    return [
        f"'runs' is {options.runs}, and solver '{options.solver}' needs {first + step + around} for a beginning: "
        f"{', '.join(parts)}. Allow more, or choose a smaller {'starts' if step else 'batch'}."
    ]
