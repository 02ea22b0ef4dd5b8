"""An instance whose host may be lost: another takes its place and is brought to where the last one was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import FmuError, StepError
from cosim.hosting.failure import REPAIR, HostFailure
from cosim.hosting.instance import HostedInstance
from cosim.instance.abilities import (
    AbstractConcurrent,
    AbstractDifferentiable,
    AbstractExtrapolable,
    AbstractInterpolating,
    AbstractSerialising,
    AbstractTelling,
)
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue

Values = NDArray[np.float64]

MOST_RESTARTS: Final = 10
"""Of one instance, before its loss is final."""
CALLS_BETWEEN_STATES: Final = 256
"""Calls that are done again at most, of an FMU whose state can be written."""

_Call = tuple[str, tuple[Any, ...]]


class RestartingInstance(
    AbstractInstance,
    AbstractConcurrent,
    AbstractSerialising,
    AbstractDifferentiable,
    AbstractInterpolating,
    AbstractExtrapolable,
    AbstractTelling,
):
    """Passes everything on to an instance that ``make`` makes, and remembers what changed it.

    When its host is lost, a new instance is made; it is given the state last written, where the FMU can write it, and
    everything that was done since is done again; then the call that was lost. A host that is lost in the same call
    again is not replaced.
    """

    def __init__(self, make: Callable[[], HostedInstance]) -> None:
        self._make = make
        self._inner = make()
        self._groups: list[tuple[str, ...]] = []
        self._beginning: list[_Call] = []
        self._state: bytes | None = None
        """As it was before ``_since``, where it has been written."""
        self._since: list[_Call] = []
        self._states: dict[int, object] = {}
        self._n_states = 0
        self._time = Ticks(0)
        self._n_restarts = 0
        self._news: list[tuple[Ticks, str]] = []

    @property
    def description(self) -> ComponentDescription:
        return self._inner.description

    def take_news(self) -> Sequence[tuple[Ticks, str]]:
        found, self._news = self._news, []
        return found

    def group(self, names: Sequence[str]) -> VariableGroup:
        found: VariableGroup = self._do("group", tuple(names), is_kept=False)
        if tuple(names) not in self._groups:  # a group that is known already is not another
            self._groups.append(tuple(names))
        return found

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._do("set_start", dict(values))

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._time = time
        self._do("enter_initialization", time, stop_time, tolerance)

    def exit_initialization(self) -> None:
        self._do("exit_initialization")
        self._beginning, self._since = [*self._beginning, *self._since], []

    def write(self, group: VariableGroup, values: Values) -> None:
        self._do("write", group, values.copy())

    def read(self, group: VariableGroup, values: Values) -> None:
        self._do("read", group, values, is_kept=False)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        self._time = time
        outcome: StepOutcome = self._do("step", time, size)
        self._time = outcome.time
        is_time = len(self._since) >= CALLS_BETWEEN_STATES and not self._states
        if is_time and self.description.capabilities.can_serialise_state:
            self._write_state()
        return outcome

    def write_derivatives(self, group: VariableGroup, order: int, values: Values) -> None:
        self._do("write_derivatives", group, order, values.copy())

    def read_derivatives(self, group: VariableGroup, order: int, values: Values) -> None:
        self._do("read_derivatives", group, order, values, is_kept=False)

    def directional_derivative(
        self, unknowns: VariableGroup, knowns: VariableGroup, seed: Values, sensitivity: Values
    ) -> None:
        self._do("directional_derivative", unknowns, knowns, seed, sensitivity, is_kept=False)

    def get_state(self) -> object:
        self._n_states += 1
        self._do("get_state", self._n_states)
        return self._n_states

    def set_state(self, state: object) -> None:
        self._known(state)
        self._do("set_state", state)

    def free_state(self, state: object) -> None:
        self._known(state)
        self._do("free_state", state)

    def serialise_state(self, state: object) -> bytes:
        self._known(state)
        found: bytes = self._do("serialise_state", state, is_kept=False)
        return found

    def deserialise_state(self, data: bytes) -> object:
        self._n_states += 1
        self._do("deserialise_state", self._n_states, data)
        return self._n_states

    def reset(self) -> None:
        self._do("reset")

    def terminate(self) -> None:
        self._do("terminate", is_kept=False)

    def free(self) -> None:
        self._inner.free()

    def _known(self, state: object) -> None:
        if state not in self._states:
            raise StepError("A state of another instance, or a freed one, was given.")

    def _do(self, name: str, *arguments: Any, is_kept: bool = True) -> Any:  # noqa: ANN401
        """Do it, once more on a new host if need be; what ``is_kept`` has to be done by every further host too."""
        try:
            found = self._apply(name, arguments)
        except HostFailure as failure:
            self._revive(failure)
            try:
                found = self._apply(name, arguments)
            except HostFailure as second:
                raise _once_more(second) from failure
        if is_kept:
            self._since.append((name, arguments))
        return found

    def _apply(self, name: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
        inner = self._inner
        if name == "enter_initialization":
            time, stop, tolerance = arguments
            return inner.enter_initialization(time, stop_time=stop, tolerance=tolerance)
        if name == "get_state":
            self._states[arguments[0]] = inner.get_state()
        elif name == "deserialise_state":
            self._states[arguments[0]] = inner.deserialise_state(arguments[1])
        elif name == "free_state":
            inner.free_state(self._states[arguments[0]])
            del self._states[arguments[0]]
        elif name in ("set_state", "serialise_state"):
            return getattr(inner, name)(self._states[arguments[0]])
        else:
            return getattr(inner, name)(*arguments)
        return None

    def _revive(self, failure: HostFailure) -> None:
        self._n_restarts += 1
        if self._n_restarts > MOST_RESTARTS:
            raise _once_more(failure) from failure
        origin = "the state last written" if self._state is not None else "the beginning"
        self._inner.free()
        try:
            self._inner = self._make()
            for names in self._groups:
                self._inner.group(names)
            self._repeat()
        except HostFailure as second:
            raise _once_more(second) from failure
        except FmuError as second:
            raise _not_again(failure, second) from second
        said = failure.message.removesuffix(REPAIR)
        text = f"{said} It was started again from {origin}, with {len(self._since)} calls done again."
        self._news.append((self._time, text))

    def _repeat(self) -> None:
        live, self._states = set(self._states), {}
        for name, arguments in self._beginning:
            self._apply(name, arguments)
        if self._state is not None:
            state = self._inner.deserialise_state(self._state)
            self._inner.set_state(state)
            self._inner.free_state(state)
        for name, arguments in self._since:
            self._apply(name, arguments)
        assert live <= set(self._states)

    def _write_state(self) -> None:
        """Shorten what would have to be done again."""
        try:
            state = self._inner.get_state()
            data = self._inner.serialise_state(state)
            self._inner.free_state(state)
        except HostFailure as failure:
            self._revive(failure)
            return
        self._state, self._since = data, []


def _not_again(failure: HostFailure, why: FmuError) -> HostFailure:
    error = HostFailure(
        f"{failure.message.removesuffix(REPAIR)} It could not be started again: {why.message}",
        component=failure.component,
    )
    error.details = failure.details
    return error


def _once_more(failure: HostFailure) -> HostFailure:
    error = HostFailure(
        f"{failure.message.removesuffix(REPAIR)} It had been started again before.", component=failure.component
    )
    error.details = failure.details
    return error
