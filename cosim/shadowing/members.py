"""Copies of an open scenario as the members of a filter: their states and parameters are moved, their sensors read."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from types import TracebackType
from typing import Self

import numpy as np

from cosim.clock import Ticks, format_ticks, to_seconds, to_ticks
from cosim.errors import EstimationError, StepError
from cosim.estimation.belief import Array, Bounds
from cosim.estimation.process import AbstractProcess
from cosim.execution.checkpoint import Checkpoint
from cosim.opened import OpenExecution

_BOOKKEEPING = ("_total", "supplied", "vented")
"""Of names of states that only add up what has passed: nothing depends on them."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """A state or parameter of a component, by the name it has in the FMU's state layout, and where it has to stay.

    ``is_set``: a tunable parameter of a model that tells no such layout, which is set as by hand.
    """

    component: str
    name: str
    low: float = -inf
    high: float = inf
    is_set: bool = False

    def __str__(self) -> str:
        return f"{self.component}.{self.name}"


@dataclass(frozen=True, slots=True)
class _Saved:
    """The members at one time, and what they stood at."""

    time: Ticks
    checkpoints: tuple[Checkpoint, ...]
    held: Array


@dataclass(slots=True)
class _Course:
    """What an input was from which time on."""

    times: list[Ticks] = field(default_factory=list)
    values: dict[Ticks, float] = field(default_factory=dict)

    def put(self, time: Ticks, value: float) -> None:
        if time not in self.values:
            insort(self.times, time)
        self.values[time] = value

    def at(self, time: Ticks) -> float | None:
        i = bisect_right(self.times, time)
        return self.values[self.times[i - 1]] if i else None


def is_bookkeeping(name: str) -> bool:
    """Tell whether the state ``name`` only adds up what has passed."""
    return any(part in name for part in _BOOKKEEPING)


def states_of(execution: OpenExecution, components: Iterable[str]) -> list[Estimated]:
    """Return the continuous states of ``components``; one that is not negative now is taken for one that never is."""
    found = []
    for component in components:
        numbers = execution.numbers(component)
        for name in execution.states(component):
            if not is_bookkeeping(name):
                found.append(Estimated(component, name, 0.0 if numbers[name] >= 0.0 else -inf))
    return found


def bounds_of(estimated: Sequence[Estimated]) -> Bounds:
    """Return the bounds of ``estimated`` as a filter takes them."""
    return Bounds(np.array([item.low for item in estimated]), np.array([item.high for item in estimated]))


class Members(AbstractProcess):
    """``n`` copies of ``origin``, which stays as it is and is the caller's to close.

    A filter sees ``estimated``; all else goes on by itself in each member. ``sensors`` are variables. Measurements and
    changes of inputs are to be at communication points. A member whose model fails goes on as a copy of the next one
    that does not; ``n_replaced`` counts them.
    """

    def __init__(self, origin: OpenExecution, n: int, estimated: Sequence[Estimated], sensors: Sequence[str]) -> None:
        self._origin, self._estimated, self._sensors = origin, tuple(estimated), tuple(sensors)
        told = [(i, item) for i, item in enumerate(estimated) if not item.is_set]
        self._set = [(i, str(item)) for i, item in enumerate(estimated) if item.is_set]
        components = list(dict.fromkeys(item.component for _, item in told))
        self._names = {name: [item.name for _, item in told if item.component == name] for name in components}
        self._places = {name: [i for i, item in told if item.component == name] for name in components}
        self._courses: dict[str, _Course] = {}
        self._members: list[OpenExecution] = []
        self._time = to_ticks(origin.time)
        self._given: dict[str, float] = {}
        """Inputs as all members have them."""
        self.n_replaced = 0
        try:
            self._members.extend(origin.fork() for _ in range(n))
            self._held = np.array([self._numbers(member) for member in self._members])
        except BaseException:
            self.close()
            raise

    @property
    def present(self) -> Array:
        """What is estimated as the members have it now, (n,) each: at first that of the origin."""
        return self._held.copy()

    @property
    def first(self) -> OpenExecution:
        """One of the members, only to be looked at."""
        return self._members[0]

    def numbers(self, component: str, names: Sequence[str]) -> Array:
        """Return states and parameters of ``component`` in all members, (n, len(names))."""
        found = [member.numbers(component, names) for member in self._members]
        return np.array([[numbers[name] for name in names] for numbers in found])

    def put_input(self, name: str, time: Ticks, value: float) -> None:
        """Let the input ``name`` be ``value``, in its own unit, from ``time`` on until another is put."""
        self._courses.setdefault(name, _Course()).put(time, value)

    def advance(self, states: Array, start: Ticks, end: Ticks) -> Array:
        self._amend(states)
        for stop in self._stops(start, end):
            inputs = self._changed()
            failed = [i for i, member in enumerate(self._members) if not self._go_on(member, inputs, stop)]
            self._given |= inputs
            self._time = stop
            if failed:
                self._replace(failed, stop)
        self._held = np.array([self._numbers(member) for member in self._members])
        return self._held.copy()

    def place(self, states: Array) -> None:
        """Let the members be at ``states`` (n, n_estimated) now."""
        self._amend(states)

    def observe(self, states: Array) -> Array:
        self._amend(states)
        return np.array([[member[name] for name in self._sensors] for member in self._members])

    def read(self, names: Sequence[str]) -> Array:
        """Return the variables ``names`` of all members, (n, len(names)), each in its own unit."""
        return np.array([[member[name] for name in names] for member in self._members])

    def save(self) -> object:
        return _Saved(self._time, tuple(member.checkpoint() for member in self._members), self._held)

    def restore(self, saved: object) -> None:
        assert isinstance(saved, _Saved)
        self._close_members()
        self._members = [self._origin.copy_at(checkpoint) for checkpoint in saved.checkpoints]
        self._time, self._held, self._given = saved.time, saved.held, {}

    def checkpoints(self) -> list[Checkpoint]:
        """Return the states of all members, for ``resume``."""
        return [member.checkpoint() for member in self._members]

    def resume(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Go on from what ``checkpoints`` returned, perhaps in another process; inputs stay what they were then."""
        self._close_members()
        self._members = [self._origin.copy_at(checkpoint) for checkpoint in checkpoints]
        self._time = to_ticks(self._members[0].time)
        self._given = {}
        self._held = np.array([self._numbers(member) for member in self._members])

    def close(self) -> None:
        """End all members; legal any number of times."""
        self._close_members()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _close_members(self) -> None:
        members, self._members = self._members, []
        for member in members:
            member.close()

    def _stops(self, start: Ticks, end: Ticks) -> list[Ticks]:
        """Return the end, and before it the times at which an input changes."""
        changes = {time for course in self._courses.values() for time in course.times if start < time < end}
        return [*sorted(changes), end]

    def _changed(self) -> dict[str, float]:
        """Return the inputs that are others now than the members have."""
        found = {name: course.at(self._time) for name, course in self._courses.items()}
        return {name: value for name, value in found.items() if value is not None and self._given.get(name) != value}

    def _go_on(self, member: OpenExecution, inputs: Mapping[str, float], stop: Ticks) -> bool:
        """Bring ``member`` to ``stop`` with ``inputs``; tell whether its model lives."""
        try:
            for name, value in inputs.items():
                if name in self._given or member[name] != value:
                    member[name] = value
            is_there = member.run_until(to_seconds(stop))
        except StepError:
            return False
        reached = to_ticks(member.time)
        if not is_there or reached != stop:
            raise EstimationError(
                f"The model was to go to t = {format_ticks(stop)} and came to {format_ticks(reached)}. "
                + ("Measure at communication points." if is_there else "It is over: end the estimation before.")
            )
        return True

    def _replace(self, failed: Sequence[int], stop: Ticks) -> None:
        """Let each member that has failed go on as a copy of the next that has not."""
        n = len(self._members)
        if len(failed) == n:
            raise EstimationError(
                f"The models of all members have failed before t = {format_ticks(stop)}. Look at the bounds of what is "
                "estimated, and at the inputs."
            )
        for i in failed:
            other = next(self._members[(i + k) % n] for k in range(1, n) if (i + k) % n not in failed)
            self._members[i].close()
            self._members[i] = other.fork()
            self.n_replaced += 1

    def _amend(self, states: Array) -> None:
        """Let the members go on from ``states`` where those are others."""
        for i in np.flatnonzero((states != self._held).any(axis=1)).tolist():
            for component, names in self._names.items():
                values = states[i, self._places[component]]
                self._members[i].amend(component, dict(zip(names, values.tolist(), strict=True)))
            for place, name in self._set:
                if states[i, place] != self._held[i, place]:
                    self._members[i][name] = float(states[i, place])
        self._held = states.copy()

    def _numbers(self, member: OpenExecution) -> Array:
        found = np.empty(len(self._estimated))
        for component, names in self._names.items():
            numbers = member.numbers(component, names)
            found[self._places[component]] = [numbers[name] for name in names]
        for place, name in self._set:
            found[place] = member[name]
        return found
