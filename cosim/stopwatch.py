"""How long the stages of a run take, and what the calls into its instances cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.execution.observer import AbstractBlockObserver, AbstractObserver, Progress, SampleBlock
from cosim.execution.outcome import ComponentCost, Happening, Outcome
from cosim.instance.contract import AbstractInstance

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "initialise": ("set_start", "enter_initialization", "exit_initialization", "reset"),
    "set": ("write",),
    "step": ("step",),
    "get": ("read",),
    "state": ("get_state", "set_state", "free_state"),
    "derivatives": ("directional_derivative", "write_derivatives", "read_derivatives"),
}
"""Methods of an instance by what they do; FMI has a group of functions for each."""


WRITE: Final = "write"
FINISH: Final = "finish"
REPORT: Final = "report"
"""Writing while the run goes on, after its end, and the report."""


class Stopwatch:
    """Adds up the time of each stage [s], in the order in which they first begin."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Time the block as a part of ``stage``."""
        self.seconds.setdefault(stage, 0.0)
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += perf_counter() - began


@dataclass(slots=True)
class CallCost:
    """How often something was called, and how long that took [s]."""

    n: int = 0
    seconds: float = 0.0


def time_calls(instance: AbstractInstance) -> dict[str, CallCost]:
    """Count and time all calls of ``instance`` from now on, by group.

    Its methods are replaced on the object, so that it keeps its type, and with it the abilities that algorithms ask
    for. One that allows no such thing is not timed.
    """
    costs: dict[str, CallCost] = {}
    for group, methods in GROUPS.items():
        for name in methods:
            method = getattr(instance, name, None)
            if method is None:
                continue
            cost = costs.setdefault(group, CallCost())
            try:
                setattr(instance, name, _timed(method, cost))
            except AttributeError:
                return {}
    return costs


def _timed(method: Callable[..., Any], cost: CallCost) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        cost.n += 1
        began = perf_counter()
        try:
            return method(*arguments, **options)
        finally:
            cost.seconds += perf_counter() - began

    return call


class TimedObserver(AbstractObserver, AbstractBlockObserver):
    """Passes on what it is told and keeps how long that takes."""

    def __init__(self, inner: AbstractObserver, stopwatch: Stopwatch) -> None:
        self._inner, self._stopwatch = inner, stopwatch

    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:  # noqa: D102
        with self._stopwatch.during(WRITE):
            self._inner.started(time, recorded)

    def sampled(self, component: str, time: Ticks, values: NDArray[np.float64]) -> None:  # noqa: D102
        with self._stopwatch.during(WRITE):
            self._inner.sampled(component, time, values)

    def sampled_block(self, block: SampleBlock) -> None:  # noqa: D102
        with self._stopwatch.during(WRITE):
            block.hand_to(self._inner)

    def happened(self, happening: Happening) -> None:  # noqa: D102
        with self._stopwatch.during(WRITE):
            self._inner.happened(happening)

    def progressed(self, progress: Progress) -> None:  # noqa: D102
        self._inner.progressed(progress)

    def finished(self, outcome: Outcome) -> None:  # noqa: D102
        with self._stopwatch.during(FINISH):
            self._inner.finished(outcome)


def _all_calls(calls: Mapping[str, CallCost], cost: ComponentCost) -> dict[str, CallCost]:
    """Return ``calls`` with those that C code made, which are counted and not timed."""
    in_c = {"set": cost.writes_in_c, "step": cost.steps_in_c, "get": cost.steps_in_c}
    return {group: replace(item, n=item.n + in_c.get(group, 0)) for group, item in calls.items()}


class Profiling:
    """Measures a run: what it takes by stage, and what its instances are called for."""

    def __init__(
        self, stopwatch: Stopwatch, instances: Mapping[str, AbstractInstance], hosts: Mapping[str, str]
    ) -> None:
        """Measure ``instances``, which run on ``hosts``."""
        self._stopwatch, self._hosts = stopwatch, hosts
        self._calls = {name: time_calls(instance) for name, instance in instances.items()}

    def timed(self, observer: AbstractObserver) -> AbstractObserver:
        """Return ``observer`` with its time counted as writing."""
        return TimedObserver(observer, self._stopwatch)

    def document(self, outcome: Outcome) -> dict[str, object]:
        """Return what ``run.json`` tells: stages [s], what instances were called for, effort."""
        stages = dict(self._stopwatch.seconds)
        writing, finishing, report = (stages.pop(name, 0.0) for name in (WRITE, FINISH, REPORT))
        initialising = outcome.effort.initialising
        stages["initialise"] = initialising
        stages["run"] = max(outcome.wall_seconds - initialising - writing, 0.0)
        stages |= {WRITE: writing + finishing, REPORT: report}
        components = {
            name: {
                "host": self._hosts.get(name, "inline"),
                "steps": cost.steps,
                "seconds": cost.seconds,
                "calls": _all_calls(self._calls.get(name, {}), cost),
            }
            for name, cost in outcome.costs.items()
        }
        effort = replace(outcome.effort, engine=max(outcome.effort.engine - writing, 0.0))
        return {"stages": stages, "components": components, "effort": effort}
