"""A Python function as an instance."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks, to_seconds
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest

Values = dict[str, float]
StepFunction = Callable[[Values, float, float], None]
"""``function(values, time [s], size [s])`` takes ``values`` from ``time`` to ``time + size``; size 0 initialises."""

_ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)


class FunctionInstance(AbstractInstance, AbstractSerialising):
    """Values by name, changed by a function at each step.

    All variables of the description are in ``values``, and whatever else the function puts there is state, saved and
    restored with them. Initialisation calls the function with size 0, once for every set of inputs that is tried, each
    time with the values as they were when initialisation began.
    """

    def __init__(self, name: str, description: ComponentDescription, function: StepFunction) -> None:
        self._name = name
        self._description = description
        self._function = function
        self._groups: list[tuple[str, ...]] = []
        self._before: Values | None = None
        self._is_current = False
        self.values: Values = {}
        self.reset()

    @property
    def description(self) -> ComponentDescription:  # noqa: D102
        return self._description

    def group(self, names: Sequence[str]) -> VariableGroup:  # noqa: D102
        unknown = [name for name in names if name not in self._description.variables]
        if unknown:
            hint = nearest(unknown[0], self._description.variables)
            raise StepError(f"'{self._name}' has no variable '{unknown[0]}'.{hint}", component=self._name)
        self._groups.append(tuple(names))
        return VariableGroup(len(self._groups) - 1)

    def set_start(self, values: Mapping[str, StartValue]) -> None:  # noqa: D102
        for name, value in values.items():
            self.values[name] = float(value)

    def enter_initialization(  # noqa: D102
        self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None
    ) -> None:
        self._time = time
        self._before, self._is_current = self.values, False

    def exit_initialization(self) -> None:  # noqa: D102
        self._initialise()
        self._before = None

    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        target = self.values if self._before is None else self._before
        target.update(zip(self._groups[group], values.tolist(), strict=True))
        self._is_current = False

    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        self._initialise()
        own = self.values
        values[:] = [own[name] for name in self._groups[group]]

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:  # noqa: D102
        self._call(time, size)
        return StepOutcome(Ticks(time + size))

    def get_state(self) -> object:  # noqa: D102
        return copy.deepcopy(self.values)

    def set_state(self, state: object) -> None:  # noqa: D102
        assert isinstance(state, dict)
        self.values = copy.deepcopy(state)

    def free_state(self, state: object) -> None:  # noqa: D102
        pass

    def serialise_state(self, state: object) -> bytes:  # noqa: D102
        assert isinstance(state, dict)
        try:
            return json.dumps(state).encode()
        except (TypeError, ValueError) as error:
            raise StepError(
                f"The state of '{self._name}' cannot be written ({error}). Keep numbers in its values only.",
                component=self._name,
            ) from error

    def deserialise_state(self, data: bytes) -> object:  # noqa: D102
        state = json.loads(data)
        assert isinstance(state, dict)
        return state

    def reset(self) -> None:  # noqa: D102
        self._time, self._before = Ticks(0), None
        self.values = {
            name: float(variable.start) if isinstance(variable.start, bool | int | float) else 0.0
            for name, variable in self._description.variables.items()
            if variable.type.is_numeric
        }

    def terminate(self) -> None:  # noqa: D102
        pass

    def free(self) -> None:  # noqa: D102
        pass

    def _initialise(self) -> None:
        """While in initialisation mode, compute what follows from the inputs last written."""
        if self._before is not None and not self._is_current:
            self.values = copy.deepcopy(self._before)
            self._is_current = True
            self._call(self._time, Ticks(0))

    def _call(self, time: Ticks, size: Ticks) -> None:
        try:
            self._function(self.values, to_seconds(time), to_seconds(size))
        except _ERRORS as error:
            raise StepError(
                f"Step failed at t = {format_ticks(time)} in '{self._name}': its function raised "
                f"{type(error).__name__}: {error}.",
                component=self._name,
            ) from error
