"""What is said of runs with faults: which specifications each kind misses, how often and how soon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cosim.study.capability import proportion_interval
from cosim.study.drawing import bars
from cosim.study.faults.entries import LABELS
from cosim.study.faults.fault import NONE
from cosim.study.method import Answer, Cell, Runs, Section, Table
from cosim.study.problem import Array, Problem
from cosim.study.summaries import statistics


def answer(problem: Problem, runs: Runs, confidence: float) -> Answer:
    """Tell, by kind of fault, the share of runs that miss a specification."""
    kinds = runs.points[:, -len(LABELS)].round().astype(np.int64)
    ended = np.isfinite(runs.values[:, _told(problem)]).all(axis=1)
    missed = np.column_stack(
        [~item.meets(runs.values[:, j]) for j, item in enumerate(problem.responses) if item.has_limits]
        or [np.zeros(len(kinds), dtype=bool)]
    )
    names = [NONE, *(fault.name for fault in problem.faults)]
    rows, said = [], []
    for i, name in enumerate(names):
        chosen = (kinds == i) & ended
        if not chosen.any():
            continue
        row = _row(name, missed[chosen], confidence)
        rows.append(row)
        said.append(f"{row[2]:.0%} of {row[1]} with {name}" if i else f"{row[2]:.0%} of {row[1]} without a fault")
    sections = [
        _section(problem, rows, confidence),
        *_times(problem, runs, kinds, names),
        statistics(problem, runs),
    ]
    limited = any(item.has_limits for item in problem.responses)
    verdict = f"Runs that miss a specification: {', '.join(said)}." if limited else "No response has a specification."
    n_lost = int(np.sum(~ended))
    lost = (
        (f"{n_lost} of {len(kinds)} runs gave no value for some response: figures leave them out.",) if n_lost else ()
    )
    return Answer(verdict, tuple(sections), lost)


def _told(problem: Problem) -> list[int]:
    """Return the responses of which every run should give a value."""
    return [j for j, response in enumerate(problem.responses) if not response.may_lack]


def _row(
    name: str, missed: NDArray[np.bool_], confidence: float
) -> tuple[str, int, float, float, float, *tuple[float, ...]]:
    n, k = len(missed), int(missed.any(axis=1).sum())
    return (name, n, k / n, *proportion_interval(k, n, confidence), *missed.mean(axis=0).tolist())


def _section(
    problem: Problem, rows: list[tuple[str, int, float, float, float, *tuple[float, ...]]], confidence: float
) -> Section:
    limited = [item.name for item in problem.responses if item.has_limits]
    columns = ("fault", "runs", "miss a specification", "from", "to", *limited)
    cut: list[tuple[Cell, ...]] = [row if limited else row[:2] for row in rows]
    drawing = bars(
        [row[0] for row in rows],
        [row[2] for row in rows],
        "share of runs that miss a specification",
        intervals=[(row[3], row[4]) for row in rows],
        span=(0.0, 1.0),
    )
    text = (
        f"Share of runs that miss any specification, with its interval of {confidence:.0%} confidence after Clopper "
        "and Pearson, then each specification alone."
    )
    table = Table(columns if limited else columns[:2], tuple(cut))
    return Section("faults", "What faults do", text, table, drawing if limited else "")


def _times(problem: Problem, runs: Runs, kinds: NDArray[np.int64], names: list[str]) -> list[Section]:
    """Return how long after its begin a fault shows in each specification that tells when it is missed."""
    told = [(j, item) for j, item in enumerate(problem.responses) if item.may_lack]
    onset = runs.points[:, -3]
    rows: list[tuple[Cell, ...]] = []
    for j, item in told:
        for i, name in enumerate(names[1:], start=1):
            after = (runs.values[:, j] - onset)[kinds == i]
            after = after[np.isfinite(after) & (after >= 0.0)]
            if len(after):
                rows.append((name, item.name, len(after), *_quantiles(after)))
    if not rows:
        return []
    text = "Time from the begin of a fault until a specification is missed, over the runs in which it is."
    columns = ("fault", "specification", "runs", "soonest", "median", "latest")
    return [Section("delays", "How soon faults show", text, Table(columns, tuple(rows), ("", "", "", "h", "h", "h")))]


def _quantiles(values: Array) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, (0.0, 0.5, 1.0)).tolist()
    return low, middle, high
