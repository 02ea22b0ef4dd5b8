"""A trained network as an instance, which the engine cannot tell from the FMU it stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cosim.clock import Ticks, format_ticks, to_seconds
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest

SHORTEST: float = 1e-6
"""Share of the trained step that is left of a long one and counts as nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Places of a group's variables: in the array of all values."""

    names: tuple[str, ...]
    places: Array


class SurrogateInstance(AbstractInstance, AbstractSerialising):
    """All values in one array: parameters, inputs, outputs; and the physical state that the network advances.

    ``original`` makes the instance of the FMU, which says how a unit begins; without it, the package's own polynomial
    does. The inside of a step is left in ``coordinates`` and ``spread`` for whoever guards it.
    """

    def __init__(self, name: str, package: Package, original: Callable[[], AbstractInstance] | None = None) -> None:
        self._name, self._package, self._original = name, package, original
        self._model, self._tensors = package.model, package.tensors
        self._numbers = tuple(
            variable.name
            for variable in package.interface.variables.values()
            if variable.type.is_numeric and not variable.shape
        )
        self._place = {name: i for i, name in enumerate(self._numbers)}
        self._parameters, self._inputs, self._outputs = (
            np.array([self._place[name] for name in names], dtype=np.intp)
            for names in (package.parameter_names, package.input_names, package.output_names)
        )
        self._direct = self._inputs[list(self._model.direct_inputs)]
        self._groups: list[Group] = []
        self._starting: AbstractInstance | None = None
        self.coordinates: Array = np.empty(0)
        self.spread = 0.0
        self.reset()

    @property
    def description(self) -> ComponentDescription:  # noqa: D102
        return self._package.interface

    def group(self, names: Sequence[str]) -> VariableGroup:  # noqa: D102
        unknown = [name for name in names if name not in self._place]
        if unknown:
            hint = nearest(unknown[0], self._place)
            raise StepError(f"The surrogate of '{self._name}' has no variable '{unknown[0]}'.{hint}",
                            component=self._name)  # fmt: skip
        places = np.array([self._place[name] for name in names], dtype=np.intp)
        self._groups.append(Group(tuple(names), places))
        return VariableGroup(len(self._groups) - 1)

    def set_start(self, values: Mapping[str, StartValue]) -> None:  # noqa: D102
        for name, value in values.items():
            self._values[self._place[name]] = float(value)
        self._starts |= values

    def enter_initialization(  # noqa: D102
        self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None
    ) -> None:
        self._begin = time
        self._is_initialising, self._is_current = True, False
        if self._original is not None:
            self._starting = self._original()
            self._starting.set_start(self._starts)
            self._starting.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)

    def exit_initialization(self) -> None:  # noqa: D102
        if self._starting is not None:
            self._tell_original()
            self._starting.exit_initialization()
        self._start()
        self._is_initialising = False
        self._end_original()

    def write(self, group: VariableGroup, values: Array) -> None:  # noqa: D102
        self._values[self._groups[group].places] = values
        self._is_current = False

    def read(self, group: VariableGroup, values: Array) -> None:  # noqa: D102
        if not self._is_current:
            self._renew()
        np.take(self._values, self._groups[group].places, out=values)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:  # noqa: D102
        left, whole = to_seconds(size), self._model.step_size
        inputs, parameters = self._values[None, self._inputs], self._values[None, self._parameters]
        while left > SHORTEST * whole:
            advance = self._model.advance(self._tensors, self._state, inputs, parameters, min(left, whole))
            self._state, self.coordinates = advance.state, advance.coordinates[0]
            self.spread = float(advance.spread[0])
            left -= whole
        if not np.isfinite(self._state).all():
            raise StepError(
                f"The surrogate of '{self._name}' gave a number that is not finite at t = {format_ticks(time)}. Use the "
                "FMU, or train it for such conditions.",
                component=self._name,
            )
        self._is_current = False
        return StepOutcome(Ticks(time + size))

    def get_state(self) -> object:  # noqa: D102
        return np.concatenate([self._state[0], self._values])

    def set_state(self, state: object) -> None:  # noqa: D102
        assert isinstance(state, np.ndarray)
        n = len(self._model.state_names)
        self._state, self._values = state[None, :n].copy(), state[n:].copy()
        self._is_current = False

    def free_state(self, state: object) -> None:  # noqa: D102
        pass

    def serialise_state(self, state: object) -> bytes:  # noqa: D102
        assert isinstance(state, np.ndarray)
        return state.astype("<f8").tobytes()

    def deserialise_state(self, data: bytes) -> object:  # noqa: D102
        if len(data) != 8 * (len(self._model.state_names) + len(self._values)):
            raise StepError(f"These bytes are no state of the surrogate of '{self._name}'.", component=self._name)
        return np.frombuffer(data, dtype="<f8").astype(np.float64)

    def reset(self) -> None:  # noqa: D102
        self._end_original()
        self._starts: dict[str, StartValue] = {}
        self._is_initialising, self._is_current = False, False
        self._begin = Ticks(0)
        variables = self._package.interface.variables
        starts = [variables[name].start for name in self._numbers]
        self._values = np.array([float(s) if isinstance(s, bool | int | float) else 0.0 for s in starts])
        self._state = np.full((1, len(self._model.state_names)), math.nan)

    def terminate(self) -> None:  # noqa: D102
        pass

    def free(self) -> None:  # noqa: D102
        self._end_original()

    @property
    def inputs(self) -> Array:
        """The inputs (n_inputs,) as they were last written."""
        return self._values[self._inputs]

    @property
    def state(self) -> Array:
        """The physical state (n_state,)."""
        return self._state[0]

    def take_over(self, outputs: Array, time: float) -> None:
        """Go on from where the FMU has these ``outputs`` (n_outputs,), ``time`` [s] after the start."""
        self._state = self._model.encode(outputs[None], np.array([time]))
        self._is_current = False

    def told(self) -> Array:
        """Return the present outputs (n_outputs,)."""
        if not self._is_current:
            self._renew()
        return self._values[self._outputs]

    def _renew(self) -> None:
        """Compute the outputs from what was last written."""
        if self._is_initialising:
            self._start()
        inputs, parameters = self._values[None, self._inputs], self._values[None, self._parameters]
        if not (self._is_initialising and self._starting is not None):
            self._values[self._outputs] = self._model.outputs(self._tensors, self._state, inputs, parameters)[0]
        self._is_current = True

    def _start(self) -> None:
        """Take the state at the beginning from the FMU, or from what is known of it."""
        if self._starting is None:
            self._state = self._model.begin(self._tensors, self._values[None, self._parameters])
            return
        if self._is_initialising and not self._is_current:
            self._tell_original()
        outputs = np.empty(len(self._outputs))
        self._starting.read(self._starting.group(self._package.output_names), outputs)
        self._values[self._outputs] = outputs
        self._state = self._model.encode(outputs[None], np.zeros(1))

    def _tell_original(self) -> None:
        assert self._starting is not None
        inputs = np.ascontiguousarray(self._values[self._inputs])
        self._starting.write(self._starting.group(self._package.input_names), inputs)

    def _end_original(self) -> None:
        if self._starting is not None:
            self._starting.free()
            self._starting = None
