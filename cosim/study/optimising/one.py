"""The answer of an optimisation with one objective: the best point, its limits, how it was come by, how flat it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.study.method import Answer, Cell, Runs, Section, Table
from cosim.study.optimising.aims import Aims, Judged, Objective
from cosim.study.optimising.around import STEPS, Slice, slices
from cosim.study.optimising.pictures import progress, slice_panels
from cosim.study.optimising.search import Found, Options
from cosim.study.optimising.space import cube_of, points_of, ranged
from cosim.study.optimising.wording import (
    amount,
    headed,
    limit_words,
    nowhere_feasible,
    place,
    setting,
    told,
    wish,
)
from cosim.study.problem import Array, Problem
from cosim.study.summaries import missing_warnings, statistics

ACTIVE: Final = 0.01
"""Share of what a response spans within which of its limit it counts as lying on it."""
EDGE: Final = 0.005
"""Share of a range within which of its end an optimum counts as lying there."""
FLAT: Final = 0.01
"""Share of the objective by which it may be worse where 'within 1 %' is told."""
_MOST_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything the sections tell of: ``best`` is the number of the best run."""

    problem: Problem
    aims: Aims
    options: Options
    found: Found
    runs: Runs
    judged: Judged
    cube: Array
    best: int

    @property
    def objective(self) -> Objective:
        """Return the only objective."""
        return self.aims.objectives[0]

    @property
    def costs(self) -> Array:
        """Return the objective of every run (n,), to be made small."""
        return self.judged.costs[:, 0]

    def misses(self, run: int) -> bool:
        """Tell whether ``run`` gave all values and misses a limit."""
        return bool(self.judged.is_there[run] and not self.judged.is_feasible[run])

    def value(self, run: int) -> float:
        """Return the objective of ``run`` as it is told."""
        return float(self.runs.values[run, self.objective.column])


def answer_one(problem: Problem, options: Options, found: Found, runs: Runs) -> Answer:
    """Answer from all ``runs`` of a search that went as ``found`` tells."""
    aims = Aims.of(problem)
    judged = aims.judged(runs.values)
    if not judged.is_feasible.any():
        return nowhere_feasible(problem, runs)
    outcome = Outcome(problem, aims, options, found, runs, judged, cube_of(problem, runs.points), judged.ranking()[0])
    around = _around(outcome)
    sections = [_optimum(outcome), _responses(outcome), _progress(outcome)]
    sections += [_flatness(outcome, around)] if around else []
    sections += [_arrivals(outcome)] if found.arrivals else []
    warnings = (*missing_warnings(problem, runs), *_edges(outcome), *_doubts(outcome))
    return Answer(_verdict(outcome), (*sections, statistics(problem, runs)), warnings)


def _verdict(outcome: Outcome) -> str:
    response = outcome.objective.response
    best = amount(outcome.value(outcome.best), response.unit)
    where = place(outcome.problem, outcome.runs.points[outcome.best])
    active = [limit_words(outcome.aims.limits[j]) for j in _active(outcome)]
    ending = f"; limited by {' and '.join(active)}" if active else ""
    return f"{response.name} is {wish(outcome.objective)}, {best}, at {where}{ending}."


def _active(outcome: Outcome) -> list[int]:
    """Return the limits on which the best run lies."""
    margins = -outcome.judged.excesses[outcome.best] / outcome.judged.spans
    return [int(j) for j in np.flatnonzero(margins <= ACTIVE)]


def _optimum(outcome: Outcome) -> Section:
    point, rows = outcome.runs.points[outcome.best], []
    for i, factor in enumerate(outcome.problem.factors):
        low, high = (None, None) if factor.is_categorical else factor.distribution.bounds
        rows.append((headed(factor), setting(factor, float(point[i])), low, high))
    text = f"Run {outcome.best}, the best of {len(outcome.runs.points)}; {_ending(outcome)}."
    return Section("optimum", "The optimum", text, Table(("factor", "optimum", "from", "to"), tuple(rows)))


def _ending(outcome: Outcome) -> str:
    """Say why the search ended."""
    arrivals = outcome.found.arrivals
    share = f"{outcome.options.tolerance:g} of each range"
    if arrivals and all(arrival.has_ended for arrival in arrivals):
        return f"the search ended because it moved by less than {share}"
    if arrivals or len(outcome.cube) + outcome.options.batch > outcome.options.runs:
        return "the search ended because its runs were spent"
    return f"the search ended because {outcome.options.patience} batches brought nothing better"


def _responses(outcome: Outcome) -> Section:
    """Return what the best run gives, with margins to limits."""
    rows: list[tuple[Cell, ...]] = []
    values, active = outcome.runs.values[outcome.best], _active(outcome)
    for j, response in enumerate(outcome.problem.responses):
        head, value = headed(response), told(float(values[j]))
        if j == outcome.objective.column:
            rows.append((head, value, str(response.goal), None, None, ""))
        for c, limit in enumerate(outcome.aims.limits):
            if limit.column == j:
                margin = -float(outcome.judged.excesses[outcome.best, c])
                rows.append((head, value, limit.words, limit.bound, margin, "active" if c in active else "kept"))
        if response.goal is None and not response.has_limits:
            rows.append((head, value, "", None, None, ""))
    columns = ("response", "at the optimum", "wanted", "limit", "margin", "")
    text = (
        f"A limit is active where the margin is below {ACTIVE:.0%} of what the response spans over all runs: relaxing "
        "it is likely to better the objective."
    )
    return Section("responses", "What the optimum gives", text, Table(columns, tuple(rows)))


def _progress(outcome: Outcome) -> Section:
    """Return when the best so far was bettered."""
    feasible, best, rows = outcome.judged.is_feasible, np.inf, []
    for run, cost in enumerate(outcome.costs.tolist()):
        if feasible[run] and cost < best:
            best = cost
            rows.append((run, outcome.value(run)))
    n_feasible, n_lost = int(feasible.sum()), int((~outcome.judged.is_there).sum())
    text = (
        f"Best run so far that meets all specifications; {n_feasible} of {len(feasible)} do"
        + (f", and {n_lost} gave no value" if n_lost else "")
        + ". The last runs lie around the optimum." * bool(outcome.found.n_around)
    )
    drawing = progress(outcome.objective, outcome.runs.values, feasible)
    columns, units = ("run", outcome.objective.response.name), ("", outcome.objective.response.unit)
    return Section("progress", "How it was found", text, Table(columns, tuple(rows[-_MOST_STEPS:]), units), drawing)


def _around(outcome: Outcome) -> list[Slice]:
    """Return slices through the point around which runs were made: the best one before them."""
    n, k = outcome.found.n_searched, outcome.found.n_around
    centre = outcome.aims.judged(outcome.runs.values[:n]).ranking()
    if not k or not centre:
        return []
    return slices(outcome.cube, outcome.costs, centre[0], n, ranged(outcome.problem))


def _flatness(outcome: Outcome, around: list[Slice]) -> Section:
    response = outcome.objective.response
    centre = outcome.aims.judged(outcome.runs.values[: outcome.found.n_searched]).ranking()[0]
    size = abs(outcome.value(centre))
    allowed = FLAT * size
    rows: list[tuple[Cell, ...]] = []
    for item in around:
        factor = outcome.problem.factors[item.factor]
        ends = np.repeat(outcome.cube[centre][None, :], 2, axis=0)
        ends[:, item.factor] += item.within(allowed)
        low, high = points_of(outcome.problem, np.clip(ends, 0.0, 1.0))[:, item.factor].tolist()
        changes = [item.at(step) for step in STEPS]
        signed = [None if change is None else outcome.objective.sign * change for change in changes]
        rows.append((headed(factor), *signed, low, high, _missed(outcome, item)))
    columns = ("factor", *map(_percent, STEPS), "within 1 % from", "to", "limits missed at")
    text = (
        f"By how much {headed(response)} changes beside the optimum, by shares of a factor's range, the others held; "
        "and between which values it stays within 1 %, as far as runs were made, whether or not limits are kept there."
    )
    drawing = slice_panels(outcome.problem, outcome.objective, around, outcome.runs, outcome.judged.is_feasible, centre)
    return Section("around", "How flat it is there", text, Table(columns, tuple(rows)), drawing)


def _missed(outcome: Outcome, item: Slice) -> str:
    """Tell at which steps limits are missed."""
    steps = zip(item.runs.tolist(), item.shifts.tolist(), strict=True)
    return ", ".join(_percent(shift) for run, shift in steps if outcome.misses(run)) or "–"


def _percent(share: float) -> str:
    return f"{share:+.0%}".replace("-", "−")


def _arrivals(outcome: Outcome) -> Section:
    """Return where each start of the local search has come to."""
    rows: list[tuple[Cell, ...]] = []
    for i, arrival in enumerate(outcome.found.arrivals):
        judged = outcome.aims.judged(arrival.values)
        ranking = judged.ranking()
        if not ranking:
            rows.append(
                (f"start {i + 1}", len(arrival.cube), None, "no value", *(None,) * len(outcome.problem.factors))
            )
            continue
        best = ranking[0]
        point = points_of(outcome.problem, arrival.cube[best][None, :])[0]
        state = "ended" if arrival.has_ended else "runs were spent"
        state = state if judged.is_feasible[best] else "misses limits"
        value = float(arrival.values[best, outcome.objective.column])
        rows.append((f"start {i + 1}", len(arrival.cube), value, state, *(float(x) for x in point)))
    response = outcome.objective.response
    columns = ("", "runs", response.name, "", *(factor.name for factor in outcome.problem.factors))
    units = ("", "", response.unit, "", *(factor.unit for factor in outcome.problem.factors))
    text = "Searches that end at different places and values have found several optima; the best one counts."
    return Section("starts", "Where each start came to", text, Table(columns, tuple(rows), units))


def _edges(outcome: Outcome) -> list[str]:
    """Warn of factors whose optimum lies on an end of their range."""
    found = []
    for i in ranged(outcome.problem):
        place, factor = outcome.cube[outcome.best, i], outcome.problem.factors[i]
        if min(place, 1.0 - place) <= EDGE:
            end, low_or_high = factor.distribution.bounds[int(place > 0.5)], ("lower", "upper")[int(place > 0.5)]
            found.append(
                f"The optimum lies at the {low_or_high} end of the range of {factor.name}, {amount(end, factor.unit)}: "
                "what lies beyond may be better. Widen the range if the process allows it."
            )
    return found


def _doubts(outcome: Outcome) -> list[str]:
    """Warn of a search that may not have come to its end."""
    found = []
    arrivals, n = outcome.found.arrivals, outcome.found.n_searched
    if arrivals and not any(arrival.has_ended for arrival in arrivals):
        found.append("No start came to its end before the runs were spent. Allow more 'runs', or fewer 'starts'.")
    gained = (
        float(np.min(outcome.costs[:n][outcome.judged.is_feasible[:n]], initial=np.inf)) - outcome.costs[outcome.best]
    )
    spread = float(np.ptp(outcome.costs[outcome.judged.is_feasible]))
    if outcome.best >= n and gained > outcome.options.tolerance * spread:
        found.append(
            f"A run beside the optimum, {outcome.best}, is better than what the search had found: it had not come to "
            "its end. Allow more 'runs'."
        )
    return found
