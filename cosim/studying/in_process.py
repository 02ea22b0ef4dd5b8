"""Runs of a study one after the other in this process, with what was prepared to plan it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cosim.study.executor import AbstractExecutor, Done, Task
from cosim.warm import WarmScenario

if TYPE_CHECKING:
    from cosim.studying.plan import Plan


class InProcess(AbstractExecutor):
    """Makes runs here; components that the caller supplies cannot go elsewhere."""

    def __init__(self, plan: Plan) -> None:
        self._warm = WarmScenario(plan.prepared, plan.order)

    def run(self, tasks: Sequence[Task]) -> Iterator[Done | None]:
        for task in tasks:
            yield self._warm.run(task)

    def close(self) -> None:
        self._warm.close()
