"""Points, limits and objectives in words and table rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.method import Cell, Section, Table
from cosim.study.optimising.aims import Aims, Judged, Limit, Objective
from cosim.study.problem import Array, Factor, Problem, Response

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


def nowhere_feasible(problem: Problem, aims: Aims, points: Array, values: Array) -> tuple[str, Section]:
    """Return what to say where no run keeps all limits, and how near each came to being kept."""
    judged = aims.judged(values)
    nearest = judged.ranking()
    if not nearest:
        section = Section("limits", "How near the limits came", "No run gave a value for everything.", Table((), ()))
        return "No run gave a value for everything that the objectives and limits need.", section
    missed = " and ".join(misses(aims, judged, nearest[0]))
    n = int(judged.is_there.sum())
    verdict = (
        f"No run of {n} meets all specifications. Run {nearest[0]} comes nearest, at "
        f"{place(problem, points[nearest[0]])}: it misses {missed}."
    )
    rows = []
    for j, limit in enumerate(aims.limits):
        excesses = np.where(judged.is_there, judged.excesses[:, j], np.inf)
        run = int(np.argmin(excesses))
        kept = int((excesses <= 0.0).sum())
        rows.append(
            (
                f"{headed(limit.response)} {limit.words}", limit.bound, kept, float(values[run, limit.column]),
                float(values[nearest[0], limit.column]), f"run {run}",
            )
        )  # fmt: skip
    columns = ("specification", "limit", "runs that meet it", "best of all runs", "of the nearest run", "best in")
    text = (
        f"The nearest run misses the least, each limit counted as a share of what its response spans. Of {n} runs that "
        "gave all values."
    )
    return verdict, Section("limits", "How near the limits came", text, Table(columns, tuple(rows)))
