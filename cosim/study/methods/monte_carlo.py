"""Monte Carlo: how responses spread when factors do, and how capable that leaves the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.algorithm.option import option
from cosim.study.capability import Capability, capability, proportion_interval
from cosim.study.histogram import histogram
from cosim.study.method import MOST_RUNS, AbstractMethod, Answer, Batches, Runs, Section, Table
from cosim.study.problem import Array, Problem, Response
from cosim.study.summaries import missing_warnings, present, rank_correlations, statistics

NOT_NORMAL: Final = 1e-3
"""Probability below which values are not taken for normal."""


@dataclass(frozen=True, slots=True)
class MonteCarlo(AbstractMethod):
    """Independent runs, correlated as the study says."""

    runs: int = option(1000, "number of runs", least=10, most=MOST_RUNS)
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)

    def objections(self, problem: Problem) -> Sequence[str]:
        return ()

    def batches(self, problem: Problem) -> Batches:
        yield problem.scattered(range(len(problem.factors)), self.runs)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        sections: list[Section] = []
        said: list[str] = []
        warnings = list(missing_warnings(problem, runs))
        indices: dict[str, float] = {}
        for j, response in enumerate(problem.responses):
            values = present(runs.values[:, j])
            if len(values) < 2:
                continue
            found = capability(response, values, self.confidence) if response.has_limits else None
            sections.append(self._section(response, values, found))
            said.append(_said(response, values, found))
            warnings += _doubts(response, found)
            if found is not None and found.ppk is not None:
                indices[response.name] = found.ppk
        limited = [(j, item) for j, item in enumerate(problem.responses) if item.has_limits]
        if len(limited) > 1:
            together = self._together(limited, runs)
            sections.insert(0, together)
            said = [_said_of_all(together, indices)]
        sections += [*rank_correlations(problem, runs), statistics(problem, runs)]
        return Answer("; ".join(said) + "." if said else "No run gave a value.", tuple(sections), tuple(warnings))

    def _section(self, response: Response, values: Array, found: Capability | None) -> Section:
        percent = f"{self.confidence:.0%}"
        drawing = histogram(response, values)
        if found is None:
            low, high = (float(x) for x in np.quantile(values, (0.025, 0.975)))
            table = Table(("95 % of runs from", "to"), ((low, high),), (response.unit, response.unit))
            return Section(f"spread.{response.name}", f"How {response.name} spreads", "", table, drawing)
        ppk = found.ppk_interval or (None, None)
        rows = (
            ("Ppk", found.ppk, *ppk),
            ("Cpk", found.cpk, None, None),
            ("share out of specification", found.share, *found.share_interval),
        )
        text = (
            f"{found.n_outside} of {len(values)} runs are out of specification. Intervals of {percent} confidence. Ppk "
            "takes the spread of all runs, Cpk that between successive ones; runs here are independent, so that the "
            "two agree but for chance."
        )
        title = f"Is {response.name} in specification?"
        table = Table(("", "estimate", "from", "to"), rows)
        return Section(f"capability.{response.name}", title, text, table, drawing)

    def _together(self, limited: Sequence[tuple[int, Response]], runs: Runs) -> Section:
        """Return how many runs meet all specifications at once."""
        values = runs.values[np.isfinite(runs.values[:, [j for j, _ in limited]]).all(axis=1)]
        kept = np.ones(len(values), dtype=bool)
        for j, response in limited:
            kept &= response.meets(values[:, j])
        n = int(kept.sum())
        interval = proportion_interval(n, len(values), self.confidence) if len(values) else (0.0, 1.0)
        row = (n, len(values), n / max(len(values), 1), *interval)
        table = Table(("runs in specification", "of", "share", "from", "to"), (row,))
        names = ", ".join(response.name for _, response in limited)
        return Section("all_specifications", "All specifications at once", f"Runs that meet those of {names}.", table)


def _said(response: Response, values: Array, found: Capability | None) -> str:
    if found is None:
        unit = "" if response.unit == "1" else f" {response.unit}"
        return f"{response.name} is {np.mean(values):.4g} ± {np.std(values, ddof=1):.2g}{unit}"
    low, high = found.share_interval
    return f"{found.share:.2%} of runs are out of the specification of {response.name} ({low:.2%} to {high:.2%})"


def _said_of_all(together: Section, indices: Mapping[str, float]) -> str:
    n, of, share, low, high = together.table.rows[0]
    worst = min(indices, key=lambda name: indices[name], default=None)
    least = f"; the least Ppk is {indices[worst]:.3g}, of {worst}" if worst is not None else ""
    return f"{n} of {of} runs meet all specifications, {share:.2%} ({low:.2%} to {high:.2%}){least}"


def _doubts(response: Response, found: Capability | None) -> list[str]:
    if found is None or found.normality is None or found.normality >= NOT_NORMAL:
        return []
    text = f"'{response.name}' is not normally distributed (p = {found.normality:.1g})"
    return [f"{text}: trust the share out of specification, not Ppk and Cpk."]
