"""Central composite design: corners, axes and centre of the ranges, from which a quadratic surface follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np

from cosim.algorithm.option import option
from cosim.study.drawing import bars
from cosim.study.method import AbstractMethod, Answer, Batches, Runs, Section, Table, correlated, unbounded
from cosim.study.problem import Array, Problem
from cosim.study.pydoe import central_composite, not_installed
from cosim.study.quadratic import Quadratic, fit
from cosim.study.summaries import missing_warnings, statistics
from cosim.study.surface import surface

MOST_FACTORS: Final = 12
POOR: Final = 0.9
"""Share of the variance explained below which a surface is doubted."""


@dataclass(frozen=True, slots=True)
class CentralComposite(AbstractMethod):
    """Source: Box and Wilson 1951, doi:10.1111/j.2517-6161.1951.tb00067.x; pydoe. No point leaves the ranges."""

    face: str = option("faced", "where axes and corners lie", choices=("faced", "inscribed"))

    def objections(self, problem: Problem) -> Sequence[str]:
        listed = [factor.name for factor in problem.factors if factor.is_discrete]
        k = len(problem.factors)
        return [
            *not_installed("central_composite"),
            *([f"Method 'central_composite' needs ranges, and {', '.join(listed)} is a list."] if listed else []),
            *(
                [f"{k} factors are too few or too many: from 2 to {MOST_FACTORS}."]
                if not 2 <= k <= MOST_FACTORS
                else []
            ),
            *correlated(problem, "central_composite"),
            *unbounded(problem, "central_composite"),
        ]

    def batches(self, problem: Problem) -> Batches:
        face = cast(Literal["faced", "inscribed"], self.face)
        low, high = np.array([factor.distribution.bounds for factor in problem.factors]).T
        yield low + (central_composite(len(problem.factors), face) + 1.0) / 2.0 * (high - low)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        sections: list[Section] = []
        said: list[str] = []
        warnings = list(missing_warnings(problem, runs))
        for j, response in enumerate(problem.responses):
            there = np.isfinite(runs.values[:, j])
            found = fit(problem, runs.points[there], runs.values[there, j])
            if found is None:
                warnings.append(f"Too few runs gave a value for '{response.name}': no surface can be fitted.")
                continue
            sections += self._sections(problem, j, found, runs.points[there])
            said.append(f"{found.explained:.1%} of the variance of {response.name}")
            if found.explained < POOR:
                warnings.append(
                    f"The surface of '{response.name}' explains {found.explained:.0%} of its variance only: narrow the "
                    "ranges, or use sobol_sequence."
                )
        verdict = f"Quadratic surfaces explain {', '.join(said)}." if said else "No surface could be fitted."
        return Answer(verdict, (*sections, statistics(problem, runs)), tuple(warnings))

    def _sections(self, problem: Problem, j: int, found: Quadratic, points: Array) -> list[Section]:
        response = problem.responses[j]
        rows = sorted(found.terms(problem), key=lambda row: -abs(row[1]))
        names, values = [row[0] for row in rows[:20]], [row[1] for row in rows[:20]]
        terms = Section(
            f"surface.{response.name}",
            f"What moves {response.name}",
            "Coefficients of the quadratic surface in factors scaled to −1…1: half of what a factor changes over its "
            f"range. At the centre it is {found.coefficients[0]:.5g}.",
            Table(("term", "coefficient"), tuple(rows), ("", response.unit)),
            bars(names, values, f"coefficient for {response.name}", response.unit),
        )
        title, drawing = surface(problem, response, found, points)
        table = Table(("", ""), ())
        return [
            terms,
            Section(f"map.{response.name}", title, "Other factors at the middle of their range.", table, drawing),
        ]
