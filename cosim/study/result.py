"""A study that was run: its runs, and what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cosim.results.dataset import Column, to_frame
from cosim.results.document import Document, plain
from cosim.study.executor import Done
from cosim.study.method import Answer
from cosim.study.problem import Array, Problem, Response

if TYPE_CHECKING:
    from cosim.results.dataset import DataFrame


@dataclass(frozen=True, slots=True)
class StudyResult:
    """What is kept of a study in ``folder``; ``answer`` is None where the runs do not suffice for one."""

    folder: Path
    name: str
    status: Literal["completed", "stopped"]
    problem: Problem
    rows: Sequence[Mapping[str, Any]]
    answer: Answer | None
    n_planned: int

    @property
    def report(self) -> Path:
        """The page that tells the study."""
        return self.folder / "study.html"

    @property
    def counts(self) -> Mapping[str, int]:
        """How many runs ended how: 'completed', 'failed', 'crashed'."""
        return Counter(row["status"] for row in self.rows)

    def to_dataframe(self) -> DataFrame:
        """Return one row per run: factors, responses, status, reason; ``attrs['units']`` by column."""
        return to_frame(self.rows, columns_of(self.problem))


def answer_document(answer: Answer | None) -> dict[str, Document]:
    """Return ``answer`` without its drawings, for programs."""
    if answer is None:
        return {"verdict": None, "warnings": [], "tables": {}}
    tables = {section.key: plain(section.table) for section in answer.sections}
    return {"verdict": answer.verdict, "warnings": plain(answer.warnings), "tables": tables}


def columns_of(problem: Problem) -> tuple[Column, ...]:
    """Return the columns of the runs of ``problem``."""
    return (
        Column("run", "integer", description="number in the plan"),
        *(Column(f.name, "text") if f.labels else Column(f.name, unit=_unit(f.unit)) for f in problem.factors),
        *(Column(item.name, unit=_unit(item.unit), description=item.measure.text) for item in problem.responses),
        *(Column(name, "text", description="met or missed") for name in _verdicts(problem)),
        Column("status", "text", description="completed, failed or crashed"),
        Column("reason", "text"),
        Column("seconds", unit="s", description="wall time"),
    )


def _verdicts(problem: Problem) -> dict[str, Response]:
    """Return, where there are faults, the responses with a specification by the column that says whether it is met."""
    limited = (response for response in problem.responses if response.has_limits)
    return {f"{response.name}_specification": response for response in limited} if problem.faults else {}


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def factor_cells(problem: Problem, point: Array) -> dict[str, float | str]:
    """Return the values of the factors at ``point`` as they are kept."""
    return {
        factor.name: factor.labels[round(value)] if factor.labels else value
        for factor, value in zip(problem.factors, point.tolist(), strict=True)
    }


def row_of(problem: Problem, point: Array, done: Done) -> dict[str, Any]:
    """Return the row of one run."""
    factors = factor_cells(problem, point)
    responses = {item.name: value for item, value in zip(problem.responses, done.values, strict=True)}
    judged = {
        name: None
        if responses[item.name] is None
        else "met"
        if item.meets(np.array(responses[item.name]))
        else "missed"
        for name, item in _verdicts(problem).items()
    }
    missing = (f"{problem.responses[i].name}: {text}" for i, text in done.missing.items())
    reason = done.reason or "; ".join(missing)
    ended = {"status": done.status, "reason": reason, "seconds": done.seconds}
    return {"run": done.run, **factors, **responses, **judged, **ended}


def values_of(problem: Problem, rows: Mapping[int, Mapping[str, Any]], first: int, n: int) -> Array:
    """Return the responses (n, m) of ``n`` runs from ``first`` on, NaN where there is none."""
    values = np.full((n, len(problem.responses)), np.nan)
    for i in range(n):
        for j, response in enumerate(problem.responses):
            value = rows.get(first + i, {}).get(response.name)
            values[i, j] = np.nan if value is None else value
    return values
