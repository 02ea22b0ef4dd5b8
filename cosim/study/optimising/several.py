"""The answer of an optimisation with several objectives: the Pareto front, its ends, a compromise."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.study.method import Answer, Cell, Runs, Section, Table
from cosim.study.optimising.aims import Aims
from cosim.study.optimising.front import commanded, compromise, front
from cosim.study.optimising.pictures import curve, scatter
from cosim.study.optimising.search import Options
from cosim.study.optimising.space import cube_of, ranged
from cosim.study.optimising.wording import amount, headed, nowhere_feasible, place, setting, told, wish
from cosim.study.problem import Array, Problem
from cosim.study.summaries import missing_warnings, statistics

FEW: Final = 5
"""Points on a front below which it is doubted."""
EDGE: Final = 0.005
"""Share of a range within which of its end a front counts as lying there."""
_MOST_POINTS: Final = 40
"""Of the course of the hypervolume."""


def answer_several(problem: Problem, options: Options, runs: Runs) -> Answer:
    """Answer from all ``runs``."""
    aims = Aims.of(problem)
    judged = aims.judged(runs.values)
    warnings = [*missing_warnings(problem, runs)]
    feasible = np.flatnonzero(judged.is_feasible)
    if len(feasible) == 0:
        return nowhere_feasible(problem, runs)
    best = [int(feasible[i]) for i in front(judged.costs[feasible])]
    chosen = best[compromise(judged.costs[best])]
    if len(best) < FEW:
        warnings.append(
            f"The front has {len(best)} point{'s' if len(best) > 1 else ''} only: the objectives hardly conflict, or "
            "more 'runs' are needed."
        )
    warnings += _edges(problem, runs, best)
    sections = (
        _front(problem, aims, runs, best, chosen),
        _ends(problem, aims, runs, best, chosen),
        _volume(aims, options, judged.costs, judged.is_feasible),
        statistics(problem, runs),
    )
    return Answer(_verdict(problem, aims, runs, best, chosen), sections, tuple(warnings))


def _verdict(problem: Problem, aims: Aims, runs: Runs, best: list[int], chosen: int) -> str:
    spans = []
    for item in aims.objectives:
        values = runs.values[best, item.column]
        ends = f"{amount(float(values.min()), item.response.unit)} to {amount(float(values.max()), item.response.unit)}"
        spans.append(f"{item.response.name} from {ends}")
    return (
        f"{len(best)} of {len(runs.points)} runs are on the Pareto front, {' against '.join(spans)}; run {chosen} lies "
        f"nearest to the best of all, at {place(problem, runs.points[chosen])}."
    )


def _front(problem: Problem, aims: Aims, runs: Runs, best: list[int], chosen: int) -> Section:
    rows: list[tuple[Cell, ...]] = []
    others = [j for j, item in enumerate(problem.responses) if item.goal is None]
    columns = [*(item.column for item in aims.objectives), *others]
    for run in best:
        values = (told(float(runs.values[run, j])) for j in columns)
        point = zip(problem.factors, runs.points[run].tolist(), strict=True)
        rows.append((f"{run}{' ←' if run == chosen else ''}", *values, *(setting(factor, x) for factor, x in point)))
    heads = ("run", *(problem.responses[j].name for j in columns), *(factor.name for factor in problem.factors))
    units = ("", *(problem.responses[j].unit for j in columns), *(factor.unit for factor in problem.factors))
    text = (
        "No run betters one of these in an objective without being worse in another. The arrow marks the one nearest "
        "to the best of all objectives, each counted over what it spans on the front: a suggestion, not a finding."
    )
    drawing = scatter(aims, runs.values, aims.judged(runs.values).is_feasible, best, chosen)
    return Section("front", "The Pareto front", text, Table(heads, tuple(rows), units), drawing)


def _ends(problem: Problem, aims: Aims, runs: Runs, best: list[int], chosen: int) -> Section:
    """Return what each objective could be on its own, and the compromise."""
    picked: list[tuple[str, int]] = []
    for item in aims.objectives:
        values = item.sign * runs.values[best, item.column]
        picked.append((f"{wish(item)} {item.response.name}", best[int(np.argmin(values))]))
    picked.append(("compromise", chosen))
    rows: list[tuple[Cell, ...]] = []
    for i, factor in enumerate(problem.factors):
        rows.append((headed(factor), *(setting(factor, float(runs.points[run, i])) for _, run in picked)))
    for j, response in enumerate(problem.responses):
        rows.append((headed(response), *(told(float(runs.values[run, j])) for _, run in picked)))
    table = Table(("", *(name for name, _ in picked)), tuple(rows))
    return Section("ends", "What it costs to favour one", "The ends of the front and the compromise.", table)


def _volume(aims: Aims, options: Options, costs: Array, feasible: NDArray[np.bool_]) -> Section:
    """Return how the front grew."""
    step = options.batch * -(-len(costs) // (options.batch * _MOST_POINTS))
    ends = [min(end, len(costs)) for end in range(step, len(costs) + step, step)]
    shares = commanded(costs[feasible], [costs[:end][feasible[:end]] for end in ends])
    rows = tuple(zip(ends, shares, strict=True))
    text = (
        "Hypervolume: the share of the box around the front, and a tenth beyond, in which every point is bettered by a "
        "run in all objectives. Where it no longer grows, more runs bring little."
    )
    drawing = curve(ends, shares, "runs", "share of the box")
    return Section("hypervolume", "How the front grew", text, Table(("runs", "hypervolume"), rows), drawing)


def _edges(problem: Problem, runs: Runs, best: list[int]) -> list[str]:
    """Warn of factors that lie on the same end of their range all along the front."""
    cube, found = cube_of(problem, runs.points[best]), []
    for i in ranged(problem):
        factor = problem.factors[i]
        for is_upper, distance in enumerate((cube[:, i], 1.0 - cube[:, i])):
            if (distance <= EDGE).all():
                end = amount(factor.distribution.bounds[is_upper], factor.unit)
                found.append(
                    f"All of the front lies at the {('lower', 'upper')[is_upper]} end of the range of {factor.name}, "
                    f"{end}: what lies beyond may be better."
                )
    return found
