"""Effects of factors in designs of few levels: differences of means, alone and in pairs."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from cosim.study.drawing import bars
from cosim.study.method import Answer, Runs, Section, Table
from cosim.study.problem import Array, Factor, Problem
from cosim.study.summaries import missing_warnings, statistics

_SHOWN: Final = 20
"""Effects drawn, the largest first."""
_MEANING: Final = (
    "By how much its mean changes from the lowest to the highest level of a factor; of a categorical factor, between "
    "the levels that differ most. With ×: half the difference of that change between the levels of the other."
)


def effects(problem: Problem, runs: Runs) -> Answer:
    """Return, by response, how much its mean changes from the lowest to the highest level of each factor.

    For factors with two levels also by how much that change differs between the levels of another, halved, as is usual
    (Box, Hunter, Hunter 2005, Statistics for Experimenters, chapter 5).
    """
    sections, said = [], []
    for j, response in enumerate(problem.responses):
        there = np.isfinite(runs.values[:, j])
        rows = _rows(problem, runs.points[there], runs.values[there, j])
        if not rows:
            continue
        said.append(f"{response.name} by {rows[0][0]} ({rows[0][1]:+.3g} {_shown(response.unit)}".rstrip() + ")")
        shown = rows[:_SHOWN]
        drawing = bars(
            [name for name, _ in shown], [value for _, value in shown], f"change of {response.name}", response.unit
        )
        sections.append(
            Section(
                f"effects.{response.name}",
                f"What moves {response.name}",
                _MEANING,
                Table(("factor", "effect"), tuple(rows), ("", response.unit)),
                drawing,
            )
        )
    verdict = f"Largest effects: {', '.join(said)}." if said else "No response changes."
    return Answer(verdict, (*sections, statistics(problem, runs)), missing_warnings(problem, runs))


def _shown(unit: str) -> str:
    return "" if unit == "1" else unit


def _rows(problem: Problem, points: Array, values: Array) -> list[tuple[str, float]]:
    found = []
    for i, factor in enumerate(problem.factors):
        effect = _main(factor, points[:, i], values)
        if effect is not None:
            found.append((factor.name, effect))
    for (i, first), (j, second) in combinations(enumerate(problem.factors), 2):
        effect = _interaction(points[:, i], points[:, j], values)
        if effect is not None:
            found.append((f"{first.name} × {second.name}", effect))
    return sorted(found, key=lambda item: -abs(item[1]))


def _main(factor: Factor, levels: Array, values: Array) -> float | None:
    means = [float(np.mean(values[levels == level])) for level in np.unique(levels)]
    if len(means) < 2:
        return None
    return max(means) - min(means) if factor.is_categorical else means[-1] - means[0]


def _interaction(first: Array, second: Array, values: Array) -> float | None:
    a, b = np.unique(first), np.unique(second)
    if len(a) != 2 or len(b) != 2:
        return None
    cells = [[values[(first == x) & (second == y)] for y in b] for x in a]
    if any(len(cell) == 0 for row in cells for cell in row):
        return None
    means = [[float(np.mean(cell)) for cell in row] for row in cells]
    return 0.5 * (means[1][1] - means[0][1] - means[1][0] + means[0][0])
