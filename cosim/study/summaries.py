"""Sections that several methods share: statistics of responses, rank correlations with factors."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import stats

from cosim.study.drawing import bars
from cosim.study.method import Answer, Runs, Section, Table
from cosim.study.problem import Array, Problem, Response

NEGLIGIBLE: Final = 1e-6
"""Share of its size by which a response may vary from the tolerances of solvers alone."""


def present(values: Array) -> Array:
    """Return those of ``values`` (n,) that are there."""
    return values[np.isfinite(values)]


def statistics(problem: Problem, runs: Runs) -> Section:
    """Return number, mean, standard deviation and quantiles of every response."""
    rows = tuple(_statistics(response, present(runs.values[:, j])) for j, response in enumerate(problem.responses))
    columns = ("response", "runs", "mean", "standard deviation", "least", "5 %", "median", "95 %", "largest")
    text = "Over all runs that gave a value."
    return Section("statistics", "Responses", text, Table(columns, rows))


def _statistics(response: Response, values: Array) -> tuple[float | int | str | None, ...]:
    if len(values) == 0:
        return (_headed(response), 0, *(None,) * 7)
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    low, five, median, ninety_five, high = (float(x) for x in np.quantile(values, (0.0, 0.05, 0.5, 0.95, 1.0)))
    return _headed(response), len(values), float(np.mean(values)), spread, low, five, median, ninety_five, high


def _headed(response: Response) -> str:
    return response.name if response.unit == "1" else f"{response.name} [{response.unit}]"


def rank_correlations(problem: Problem, runs: Runs) -> list[Section]:
    """Return, by response, how strongly it rises or falls with each factor, the strongest first."""
    sections: list[Section] = []
    for j, response in enumerate(problem.responses):
        there = np.isfinite(runs.values[:, j])
        found = [
            (factor.name, _spearman(runs.points[there, i], runs.values[there, j]))
            for i, factor in enumerate(problem.factors)
            if not factor.is_categorical
        ]
        known = sorted(((name, value) for name, value in found if value is not None), key=lambda item: -abs(item[1]))
        if not known:
            continue
        drawing = bars([name for name, _ in known], [value for _, value in known], "rank correlation", span=(-1.0, 1.0))
        sections.append(
            Section(
                f"rank_correlation.{response.name}",
                f"What moves {response.name}",
                "Spearman's rank correlation: 1 where it rises with the factor in every pair of runs, −1 where it "
                "falls, 0 where it does neither.",
                Table(("factor", "rank correlation"), tuple(known)),
                drawing,
            )
        )
    return sections


def _spearman(x: Array, y: Array) -> float | None:
    if len(x) < 3 or np.ptp(x) == 0.0 or np.ptp(y) <= NEGLIGIBLE * float(np.max(np.abs(y))):
        return None
    return float(stats.spearmanr(x, y).statistic)


def missing_warnings(problem: Problem, runs: Runs) -> tuple[str, ...]:
    """Warn of responses that not all runs gave."""
    found = []
    for j, response in enumerate(problem.responses):
        n = int(np.sum(~np.isfinite(runs.values[:, j])))
        if n:
            found.append(f"{n} of {len(runs.values)} runs gave no value for '{response.name}': figures leave them out.")
    return tuple(found)


def overview(problem: Problem, runs: Runs) -> Answer:
    """Return what can be said of any runs: statistics, and what moves each response."""
    correlations = rank_correlations(problem, runs)
    said = []
    for section in correlations:
        name, value = section.table.rows[0]
        said.append(f"{section.key.partition('.')[2]} with {name} ({value:+.2f})")
    verdict = f"Strongest rank correlations: {', '.join(said)}." if said else "No response varies with a factor."
    return Answer(verdict, (*correlations, statistics(problem, runs)), missing_warnings(problem, runs))
