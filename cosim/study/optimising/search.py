"""The whole of a search: a first look at the ranges, the solver within its budget, a look around the optimum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.stats import qmc

from cosim.study.fitting.asking import Asking
from cosim.study.optimising.aims import Aims
from cosim.study.optimising.around import STEPS, star
from cosim.study.optimising.front import commanded
from cosim.study.optimising.local import Arrival, descents, side_by_side
from cosim.study.optimising.space import DIGITS, points_of, ranged
from cosim.study.optimising.trials import sampled
from cosim.study.problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Options:
    """What a study may write: see ``Optimisation``; ``solver`` is 'local' or a sampler of optuna."""

    solver: str
    runs: int
    tolerance: float
    starts: int
    batch: int
    patience: int


@dataclass(slots=True)
class Made:
    """Runs made: places (n, k) in the unit cube and responses (n, m), batch by batch."""

    cubes: list[Array] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Return how many there are."""
        return sum(map(len, self.cubes))

    def all(self) -> tuple[Array, Array]:
        """Return all places and responses."""
        return np.concatenate(self.cubes), np.concatenate(self.values)


@dataclass(frozen=True, slots=True)
class Found:
    """How a search went: where each descent came to, how many runs it took, and how many then looked around."""

    arrivals: tuple[Arrival, ...]
    n_searched: int
    n_around: int


def n_first(problem: Problem, options: Options) -> int:
    """Return how many runs look at the ranges before the solver begins."""
    return max(4 * (len(problem.factors) + 1), options.starts) if options.solver == "local" else options.batch


def n_around(problem: Problem, aims: Aims) -> int:
    """Return how many runs look around the optimum."""
    return len(STEPS) * len(ranged(problem)) if len(aims.objectives) == 1 else 0


def search(problem: Problem, options: Options) -> Asking[Found]:
    """Ask for runs at values (n, k) of the factors until the search has ended or its runs are spent."""
    aims, made = Aims.of(problem), Made()
    asked = _searched(problem, aims, options, made)
    try:
        cube = next(asked)
        while True:
            values = yield points_of(problem, cube)
            made.cubes.append(cube)
            made.values.append(values)
            cube = asked.send(values)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        asked.close()


def _searched(problem: Problem, aims: Aims, options: Options, made: Made) -> Asking[Found]:
    around = n_around(problem, aims)
    budget = options.runs - around
    arrivals: tuple[Arrival, ...] = ()
    if options.solver == "local":
        first = n_first(problem, options)
        cube = qmc.LatinHypercube(len(problem.factors), rng=problem.seed).random(first)
        values = yield np.round(cube, DIGITS)
        searches = descents(aims, cube, values, options.starts, options.tolerance)
        yield from _limited(side_by_side(searches), budget, made)
        arrivals = tuple(item.arrival() for item in searches)
    else:
        asked = sampled(problem, aims, options.solver, options.batch)
        yield from _patient(_limited(asked, budget, made), aims, options, made)
    n_searched = made.n
    if around:
        cube, values = made.all()
        ranking = aims.judged(values).ranking()
        yield star(cube[ranking[0] if ranking else 0], ranged(problem))
    return Found(arrivals, n_searched, around)


def _limited(asked: Asking[None], budget: int, made: Made) -> Asking[None]:
    """Let ``asked`` ask as long as what it asks for does not pass ``budget`` runs in all."""
    try:
        cube = next(asked)
        while made.n + len(cube) <= budget:
            cube = asked.send((yield cube))
    except StopIteration:
        pass
    finally:
        asked.close()


def _patient(asked: Asking[None], aims: Aims, options: Options, made: Made) -> Asking[None]:
    """Let ``asked`` ask until so many batches have brought nothing."""
    try:
        cube = next(asked)
        while True:
            values = yield cube
            if not _gains(aims, options, made):
                return
            cube = asked.send(values)
    except StopIteration:
        pass
    finally:
        asked.close()


def _gains(aims: Aims, options: Options, made: Made) -> bool:
    """Tell whether the last batches have bettered what there was by more than the tolerance, or nothing was."""
    if len(made.values) <= options.patience:
        return True
    values = np.concatenate(made.values)
    judged = aims.judged(values)
    feasible = judged.is_feasible
    before = np.arange(len(values)) < sum(map(len, made.values[: -options.patience]))
    if not (feasible & before).any():
        return True
    costs = judged.costs
    if len(aims.objectives) == 1:
        best, now = costs[feasible & before, 0].min(), costs[feasible, 0].min()
        return bool(best - now > options.tolerance * float(np.ptp(costs[feasible, 0])))
    then, now = commanded(costs[feasible], [costs[feasible & before], costs[feasible]])
    return now - then > options.tolerance * now
