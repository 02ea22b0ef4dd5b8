"""Morris's screening: which factors matter at all, from few runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cosim.algorithm.option import option
from cosim.study.blocks import lost_warning, whole_blocks
from cosim.study.drawing import bars
from cosim.study.method import (
    AbstractMethod,
    Answer,
    Batches,
    Runs,
    Section,
    Table,
    categorical,
    correlated,
    unbounded,
)
from cosim.study.problem import Array, Problem, Response
from cosim.study.salib import morris_effects, morris_points, not_installed
from cosim.study.summaries import statistics

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Morris(AbstractMethod):
    """Source: Morris 1991, doi:10.1080/00401706.1991.10484804; Campolongo et al. 2007; SALib."""

    trajectories: int = option(20, "each takes one run more than there are factors", least=2, most=100_000)
    levels: int = option(4, "of each factor, an even number", least=4, most=100)

    def objections(self, problem: Problem) -> Sequence[str]:
        odd = [f"'levels' is {self.levels}; it should be even."] if self.levels % 2 else []
        return [
            *odd,
            *not_installed("morris"),
            *correlated(problem, "morris"),
            *categorical(problem, "morris"),
            *unbounded(problem, "morris"),
        ]

    def batches(self, problem: Problem) -> Batches:
        yield problem.points(self._cube(problem))

    def _cube(self, problem: Problem) -> Array:
        return morris_points(len(problem.factors), self.trajectories, self.levels, problem.seed)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        sections: list[Section] = []
        said: list[str] = []
        warnings: list[str] = []
        cube, size = self._cube(problem), len(problem.factors) + 1
        for j, response in enumerate(problem.responses):
            kept = whole_blocks(runs.values[:, j], size)
            warnings += lost_warning(response.name, kept, size, "trajectory")
            if kept.sum() < 2 * size:
                warnings.append(f"Too few runs gave a value for '{response.name}': it has no effects.")
                continue
            section = self._section(problem, response, cube[kept], runs.values[kept, j])
            sections.append(section)
            most = section.table.rows[0]
            said.append(f"{response.name} moves most with {most[0]}")
        verdict = "; ".join(said) + "." if said else "No response moves."
        return Answer(verdict, (*sections, statistics(problem, runs)), tuple(warnings))

    def _section(self, problem: Problem, response: Response, cube: Array, values: Array) -> Section:
        found = morris_effects(cube, values, self.levels, CONFIDENCE, problem.seed)
        columns = [[factor.name for factor in problem.factors], *(array.tolist() for array in found)]
        rows = sorted(zip(*columns, strict=True), key=lambda row: -row[1])
        drawing = bars(
            [row[0] for row in rows],
            [row[1] for row in rows],
            f"mean absolute effect on {response.name}",
            response.unit,
            intervals=[(row[1] - row[2], row[1] + row[2]) for row in rows],
        )
        unit = response.unit
        return Section(
            f"morris.{response.name}",
            f"What moves {response.name}",
            "Elementary effects, scaled to the whole range of a factor. The mean absolute effect (μ*) ranks factors; "
            "a standard deviation (σ) as large as it tells of interaction or curvature; the mean (μ) has the sign.",
            Table(("factor", "μ*", "± 95 %", "μ", "σ"), tuple(rows), ("", unit, unit, unit, unit)),
            drawing,
        )
