"""The runs of a study made, or found made already: batch by batch, each row kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import numpy as np

from cosim.errors import RequestError, StudyError
from cosim.results.dataset import Dataset
from cosim.study.cost.costing import told
from cosim.study.executor import AbstractExecutor, Done, Task
from cosim.study.problem import Array, Problem
from cosim.study.result import factor_cells, row_of, values_of
from cosim.study.signals import Keeper

MOST_FAILURES: Final = 20
"""So many runs, if all of them fail, end a study."""
SHARE_AT_RISK: Final = 1 / 200
"""Of the time a study has taken, how much may be lost when it is killed."""
LEAST_AT_RISK: Final = 0.5
MOST_AT_RISK: Final = 30.0
"""Limits of that time [s]."""


@dataclass(slots=True)
class Standing:
    """Where a study stands: runs planned so far and made, of these failed, and responses (n, m) that are there."""

    planned: int = 0
    made: int = 0
    failed: int = 0
    found: int = 0
    """Made before the study was gone on with."""
    sums: list[list[float]] = field(default_factory=list)
    """By response: number, mean, and sum of squared deviations from it."""

    def count(self, done: Done) -> None:
        """Take ``done`` in (Welford's recurrence)."""
        self.made += 1
        self.failed += done.status != "completed"
        self.sums = self.sums or [[0.0, 0.0, 0.0] for _ in done.values]
        for entry, value in zip(self.sums, done.values, strict=True):
            if value is not None:
                entry[0] += 1.0
                change = value - entry[1]
                entry[1] += change / entry[0]
                entry[2] += change * (value - entry[1])

    def estimate(self, i: int) -> tuple[float, float] | None:
        """Return mean and standard deviation of response ``i`` so far."""
        if not self.sums or self.sums[i][0] < 2:
            return None
        n, mean, squares = self.sums[i]
        return mean, (squares / (n - 1.0)) ** 0.5


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told what: where the study stands, what is worth knowing at once; and who may stop it."""

    progress: Callable[[Standing], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None
    should_stop: Callable[[], bool] = lambda: False


class Stopped(Exception):
    """Somebody asked to stop."""


class Running:
    """Makes runs with ``executor`` and keeps their rows in ``dataset``."""

    def __init__(
        self,
        problem: Problem,
        executor: AbstractExecutor,
        dataset: Dataset,
        listeners: Listeners,
        keeper: Keeper | None = None,
    ) -> None:
        """``keeper`` keeps trajectories, before the row of their run is kept."""
        self.keeper = keeper
        self._problem, self._executor, self._dataset, self._listeners = problem, executor, dataset, listeners
        self.rows: dict[int, dict[str, Any]] = {row["run"]: row for row in dataset.rows()}
        self.standing = Standing(found=len(self.rows))
        self._pending: list[dict[str, Any]] = []
        self._began = self._kept = perf_counter()
        self._noted: set[str] = set()

    def make(self, points: Array) -> Array:
        """Make the runs at ``points`` that are not there; return the responses (n, m) of all.

        Raises
        ------
        Stopped
            When asked to; what was made is kept.
        StudyError
            When nothing can be run, or all runs fail.
        """
        first = self.standing.planned
        self.standing.planned += len(points)
        self._require_same(points, first)
        tasks = [Task(first + i, self._problem.own(p)) for i, p in enumerate(points) if first + i not in self.rows]
        for run in range(first, first + len(points)):
            if run in self.rows:
                self.standing.count(_done(self._problem, self.rows[run]))
        self._listeners.progress(self.standing)
        try:
            self._run(self._shuffled(tasks), points, first)
        finally:
            self._keep()
        return values_of(self._problem, self.rows, first, len(points))

    def _shuffled(self, tasks: Sequence[Task]) -> list[Task]:
        """Change the order, so that estimates on the way stand for the whole and a bad corner is not met first."""
        order = np.random.default_rng(self._problem.seed).permutation(len(tasks))
        return [tasks[i] for i in order]

    def _run(self, tasks: Sequence[Task], points: Array, first: int) -> None:
        if not tasks:
            return
        with closing(self._executor.run(tasks)) as made:  # type: ignore[type-var]
            for done in made:
                if done is not None:
                    self._take(told(self._problem, done), points[done.run - first])
                if self._listeners.should_stop():
                    raise Stopped

    def _take(self, done: Done, point: Array) -> None:
        row = row_of(self._problem, point, done)
        if self.keeper is not None:
            self.keeper.keep(done, row)
        self.rows[done.run] = row
        self._pending.append(row)
        self.standing.count(done)
        self._tell(done)
        now = perf_counter()
        if now - self._kept >= min(max(SHARE_AT_RISK * (now - self._began), LEAST_AT_RISK), MOST_AT_RISK):
            self._keep()
        self._listeners.progress(self.standing)
        if self.standing.failed == self.standing.made >= MOST_FAILURES:
            raise StudyError(f"The first {self.standing.made} runs have all failed, the last with: {done.reason}")

    def _tell(self, done: Done) -> None:
        """Tell of the first failure, and of the first missing value of each response."""
        if done.status != "completed" and "failure" not in self._noted:
            self._noted.add("failure")
            self._listeners.note(f"Run {done.run} has {done.status}: {done.reason}")
        for i, reason in done.missing.items():
            response = self._problem.responses[i]
            if response.name not in self._noted and not response.may_lack:
                self._noted.add(response.name)
                self._listeners.note(
                    f"Run {done.run} gives no value for '{response.name}', {response.measure.text}: {reason}."
                )

    def _keep(self) -> None:
        """Write what is not written."""
        self._dataset.add(self._pending)
        self._pending.clear()
        self._kept = perf_counter()

    def _require_same(self, points: Array, first: int) -> None:
        """Make sure that runs found made are those that are planned."""
        for i, point in enumerate(points):
            row = self.rows.get(first + i)
            planned = factor_cells(self._problem, point)
            if row is not None and any(row[name] != value for name, value in planned.items()):
                raise RequestError(
                    f"Run {first + i} in '{self._dataset.folder}' was made with other values than planned now. The "
                    "study or what plans it has changed: begin anew."
                )


def _done(problem: Problem, row: dict[str, Any]) -> Done:
    return Done(row["run"], row["status"], tuple(row[item.name] for item in problem.responses), row["reason"])
