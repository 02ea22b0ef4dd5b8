"""Points, limits and objectives in words and table rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.method import Answer, Cell, Runs, Section, Table
from cosim.study.optimising.aims import Aims, Judged, Limit, Objective
from cosim.study.problem import Array, Factor, Problem, Response
from cosim.study.summaries import missing_warnings, statistics

_MOST_NAMES: Final = 20
"""Listed in a sentence."""


def headed(item: Factor | Response) -> str:
    """Return its name with its unit."""
    return item.name if item.unit == "1" else f"{item.name} [{item.unit}]"


def amount(value: float, unit: str) -> str:
    """Write ``value`` with its unit."""
    return f"{number(value)} {pretty_unit(unit)}".strip()


def setting(factor: Factor, value: float) -> Cell:
    """Return the value of a factor, or its name where it has one."""
    return factor.labels[round(value)] if factor.labels else value


def told(value: float) -> float | None:
    """Return ``value``, None where a run gave none."""
    return value if math.isfinite(value) else None


def place(problem: Problem, point: Array) -> str:
    """Write where a run lies: every factor with its value."""
    named = []
    for factor, value in list(zip(problem.factors, point.tolist(), strict=True))[:_MOST_NAMES]:
        written = setting(factor, value)
        named.append(f"{factor.name} = {written if isinstance(written, str) else amount(value, factor.unit)}")
    return ", ".join(named) + (", …" if len(problem.factors) > _MOST_NAMES else "")


def wish(objective: Objective) -> str:
    """Return 'smallest' or 'largest'."""
    return "smallest" if objective.sign > 0 else "largest"


def limit_words(limit: Limit) -> str:
    """Write a limit: 'titre at least 3 g/L'."""
    return f"{limit.response.name} {limit.words} {amount(limit.bound, limit.response.unit)}"


def misses(aims: Aims, judged: Judged, run: int) -> Iterator[str]:
    """Write by how much ``run`` misses each limit that it misses."""
    for limit, excess in zip(aims.limits, judged.excesses[run].tolist(), strict=True):
        if excess > 0.0:
            yield f"{limit_words(limit)} by {amount(excess, limit.response.unit)}"


def nowhere_feasible(problem: Problem, runs: Runs) -> Answer:
    """Answer where no run keeps all limits: which comes nearest, and how near each limit came to being kept."""
    aims = Aims.of(problem)
    judged = aims.judged(runs.values)
    others, missing = statistics(problem, runs), missing_warnings(problem, runs)
    ranking = judged.ranking()
    if not ranking:
        return Answer("No run gave a value for everything that the objectives and limits need.", (others,), missing)
    nearest, n = ranking[0], int(judged.is_there.sum())
    kept = [int((judged.excesses[judged.is_there, j] <= 0.0).sum()) for j in range(len(aims.limits))]
    never = [limit_words(limit) for limit, times in zip(aims.limits, kept, strict=True) if times == 0]
    verdict = (
        f"No run of {n} meets all specifications. Run {nearest} comes nearest, at "
        f"{place(problem, runs.points[nearest])}: it misses {' and '.join(misses(aims, judged, nearest))}."
    )
    why = f"No run at all meets {', '.join(never)}" if never else "Each limit is met by some run, but not all by one"
    warning = f"{why}. Relax a limit, widen ranges, or allow more 'runs'."
    return Answer(verdict, (_nearness(aims, runs, judged, kept, nearest), others), (*missing, warning))


def _nearness(aims: Aims, runs: Runs, judged: Judged, kept: list[int], nearest: int) -> Section:
    """Return how near each limit came to being kept."""
    rows: list[tuple[Cell, ...]] = []
    for j, limit in enumerate(aims.limits):
        best = int(np.argmin(np.where(judged.is_there, judged.excesses[:, j], np.inf)))
        found = (float(runs.values[run, limit.column]) for run in (best, nearest))
        rows.append((f"{headed(limit.response)} {limit.words}", limit.bound, kept[j], *found, f"run {best}"))
    columns = ("specification", "limit", "runs that meet it", "best of all runs", "of the nearest run", "best in")
    text = "The nearest run misses the least, each limit counted as a share of what its response spans over all runs."
    return Section("limits", "How near the limits came", text, Table(columns, tuple(rows)))
