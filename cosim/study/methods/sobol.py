"""Sobol's indices: which share of a response's variance comes from each factor, alone and with the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.algorithm.option import option
from cosim.study.blocks import lost_warning, whole_blocks
from cosim.study.drawing import bars
from cosim.study.method import AbstractMethod, Answer, Batches, Runs, Section, Table, categorical, correlated
from cosim.study.problem import Array, Problem
from cosim.study.salib import not_installed, sobol_indices, sobol_points
from cosim.study.summaries import statistics

WIDE: Final = 0.1
"""Half a confidence interval from which on it is doubted."""
_LEAST_BLOCKS: Final = 8


@dataclass(frozen=True, slots=True)
class Sobol(AbstractMethod):
    """Estimators of Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; confidence by bootstrap; SALib."""

    samples: int = option(
        256, "a power of two; runs are as many times the number of factors and 2", least=8, most=1 << 18
    )
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)

    def objections(self, problem: Problem) -> Sequence[str]:
        power = 1 << round(math.log2(self.samples))
        uneven = [f"'samples' is {self.samples}; it should be a power of two. Write {power}."]
        return [
            *([] if power == self.samples else uneven),
            *not_installed("sobol"),
            *correlated(problem, "sobol"),
            *categorical(problem, "sobol"),
        ]

    def batches(self, problem: Problem) -> Batches:
        yield problem.points(sobol_points(len(problem.factors), self.samples, problem.seed))

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        sections: list[Section] = []
        said: list[str] = []
        warnings: list[str] = []
        size = len(problem.factors) + 2
        for j, response in enumerate(problem.responses):
            kept = whole_blocks(runs.values[:, j], size)
            warnings += lost_warning(response.name, kept, size, "block")
            values = runs.values[kept, j]
            if len(values) < _LEAST_BLOCKS * size or np.ptp(values) <= 1e-12 * np.max(np.abs(values)):
                warnings.append(f"'{response.name}' does not vary, or too few runs gave a value: it has no indices.")
                continue
            section, verdict, halves = self._section(problem, response.name, values)
            sections.append(section)
            said.append(verdict)
            if halves > WIDE:
                warnings.append(
                    f"The indices of '{response.name}' are known to ±{halves:.2f} only. More 'samples' narrow that."
                )
        verdict = "; ".join(said) + "." if said else "No response varies."
        return Answer(verdict, (*sections, statistics(problem, runs)), tuple(warnings))

    def _section(self, problem: Problem, name: str, values: Array) -> tuple[Section, str, float]:
        found = sobol_indices(len(problem.factors), values, self.confidence, problem.seed)
        names = [factor.name for factor in problem.factors]
        columns = [names, *(array.tolist() for array in found)]
        rows = sorted(zip(*columns, strict=True), key=lambda row: -row[3])
        drawing = bars(
            [row[0] for row in rows],
            [row[1] for row in rows],
            f"share of the variance of {name}",
            intervals=[(row[1] - row[2], row[1] + row[2]) for row in rows],
            seconds=[row[3] for row in rows],
            legend=("alone", "with all others"),
        )
        percent = f"{self.confidence:.0%}"
        section = Section(
            f"sobol.{name}",
            f"Where the variance of {name} comes from",
            f"First order: the share that would go if the factor were fixed. Total: the share that would stay if all "
            f"others were. Intervals of {percent} confidence.",
            Table(("factor", "first order", f"± {percent}", "total", f"± {percent} of total"), tuple(rows)),
            drawing,
        )
        most = rows[0]
        verdict = f"{most[3]:.0%} of the variance of {name} comes with {most[0]}, {most[1]:.0%} from it alone"
        return section, verdict, float(max(np.max(found[1]), np.max(found[3])))
