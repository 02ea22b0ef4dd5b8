"""A trained network as an instance, which the engine cannot tell from the FMU it stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks, to_seconds
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.surrogate.stepping import Stepped, make_stepper
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest

SHORTEST: float = 1e-6
"""Share of the trained step that is left of a long one and counts as nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Places of a group's variables in the array of all values; whether outputs follow some of them without a step."""

    places: NDArray[np.intp]
    is_direct: bool


class SurrogateInstance(AbstractInstance, AbstractSerialising):
    """All values in one array: parameters, inputs, outputs; and the physical state that the network advances.

    Where a unit begins follows from the package's own polynomial, unless an FMU says it. Where the last step was taken
    is kept for whoever guards it.
    """

    def __init__(self, name: str, package: Package, description: ComponentDescription | None = None) -> None:
        """Make the surrogate of the component ``name``; ``description`` where less can be done than it could."""
        self._name, self._package = name, package
        self._description = description or package.interface
        self._original: Callable[[Array], Array] | None = None
        self._model = package.model
        self._stepper = make_stepper(package.programs)
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
        fixed = package.fixed_inputs
        self._fixed = np.array([self._place[name] for name in fixed], dtype=np.intp)
        self._fixed_values = np.array(list(fixed.values()))
        self._groups: list[Group] = []
        self._last: Stepped | None = None
        self._values: Array = np.empty(0)
        self._state: Array = np.empty(0)
        self.reset()

    @property
    def description(self) -> ComponentDescription:
        return self._description

    def group(self, names: Sequence[str]) -> VariableGroup:
        unknown = [name for name in names if name not in self._place]
        if unknown:
            hint = nearest(unknown[0], self._place)
            raise StepError(f"The surrogate of '{self._name}' has no variable '{unknown[0]}'.{hint}",
                            component=self._name)  # fmt: skip
        places = np.array([self._place[name] for name in names], dtype=np.intp)
        self._groups.append(Group(places, bool(np.isin(places, self._direct).any())))
        return VariableGroup(len(self._groups) - 1)

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        for name, value in values.items():
            self._values[self._place[name]] = float(value)

    def follow(self, original: Callable[[Array], Array] | None) -> None:
        """Take the values at the beginning from ``original``, which tells outputs for inputs; None: of the package."""
        self._original = original

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._begin = time
        self._is_initialising, self._is_current = True, False

    def exit_initialization(self) -> None:
        self._renew()
        self._is_initialising = False
        self._original = None

    def write(self, group: VariableGroup, values: Array) -> None:
        written = self._groups[group]
        self._values[written.places] = values
        self._is_current = False if written.is_direct or self._is_initialising else self._is_current

    def read(self, group: VariableGroup, values: Array) -> None:
        if not self._is_current:
            self._renew()
        np.take(self._values, self._groups[group].places, out=values)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        left, whole = to_seconds(size), self._model.step_size
        inputs, parameters = self._values[self._inputs], self._values[self._parameters]
        while left > SHORTEST * whole:
            stepped = self._stepper.step(self._state, inputs, parameters, min(left, whole))
            self._state, self._last = stepped.state, stepped
            self.show(stepped.outputs)
            left -= whole
        if not np.isfinite(self._state).all():
            raise StepError(
                f"The surrogate of '{self._name}' gave a number that is not finite at t = {format_ticks(time)}. Use "
                "the FMU, or train it for such conditions.",
                component=self._name,
            )
        return StepOutcome(Ticks(time + size))

    def get_state(self) -> object:
        return np.concatenate([self._state, self._values])

    def set_state(self, state: object) -> None:
        assert isinstance(state, np.ndarray)
        n = len(self._model.state_names)
        self._state, self._values = state[:n].copy(), state[n:].copy()
        self._is_current = False

    def free_state(self, state: object) -> None:
        pass

    def serialise_state(self, state: object) -> bytes:
        assert isinstance(state, np.ndarray)
        return state.astype("<f8").tobytes()

    def deserialise_state(self, data: bytes) -> object:
        if len(data) != 8 * (len(self._model.state_names) + len(self._values)):
            raise StepError(f"These bytes are no state of the surrogate of '{self._name}'.", component=self._name)
        return np.frombuffer(data, dtype="<f8").astype(np.float64)

    def reset(self) -> None:
        self._original = None
        self._is_initialising, self._is_current = False, False
        self._begin = Ticks(0)
        variables = self._package.interface.variables
        starts = [variables[name].start for name in self._numbers]
        self._values = np.array([float(s) if isinstance(s, bool | int | float) else 0.0 for s in starts])
        self._state = np.full(len(self._model.state_names), math.nan)

    def terminate(self) -> None:
        pass

    def free(self) -> None:
        pass

    @property
    def inputs(self) -> Array:
        """The inputs (n_inputs,) as they were last written."""
        return np.asarray(self._values[self._inputs])

    @property
    def state(self) -> Array:
        """The physical state (n_state,)."""
        return self._state

    @property
    def is_current(self) -> bool:
        """True where what is read follows from what was written."""
        return self._is_current

    @property
    def package(self) -> Package:
        """What it was made from."""
        return self._package

    def take_along(self, outputs: Array, time: Ticks, known: Mapping[int, float] | None = None) -> None:
        """Come to where the FMU, with these inputs, has ``outputs`` (n_outputs,) at ``time``.

        ``known`` is what is known of the state besides, by place.
        """
        inputs, since = self._values[None, self._inputs], np.array([to_seconds(Ticks(time - self._begin))])
        self._state = self._model.follow(self._state[None], inputs, outputs[None], since)[0]
        for place, value in (known or {}).items():
            self._state[place] = value
        self.show(outputs)

    def told(self) -> Array:
        """Return the present outputs (n_outputs,)."""
        if not self._is_current:
            self._renew()
        return np.array(self._values[self._outputs])

    def show(self, outputs: Array) -> None:
        """Let ``outputs`` be what is read, until something is written or stepped."""
        self._values[self._outputs] = outputs
        self._is_current = True

    def why_untrusted(self) -> str:
        """Say why the last step should not be trusted; '' where it may be."""
        wrong = np.flatnonzero(self._values[self._fixed] != self._fixed_values)
        if len(wrong):
            i = int(wrong[0])
            name, value = self._numbers[self._fixed[i]], self._values[self._fixed[i]]
            return f"its input {name} is {value:g}, and it was trained with {self._fixed_values[i]:g} only"
        last = self._last
        if last is None or last.excess <= 1.0:
            return ""
        return self._package.domain.why_outside(last.coordinates, last.spread)

    def would_be_trusted(self, tightness: float) -> bool:
        """Tell whether a step from here would be well inside the domain."""
        if (self._values[self._fixed] != self._fixed_values).any():
            return False
        inputs, parameters = self._values[self._inputs], self._values[self._parameters]
        stepped = self._stepper.step(self._state, inputs, parameters, self._model.step_size)
        return stepped.excess <= tightness

    def _renew(self) -> None:
        """Compute the outputs from what was last written; while initialising, the state too."""
        inputs, parameters = self._values[self._inputs], self._values[self._parameters]
        if self._is_initialising and self._original is not None:
            outputs = self._original(inputs)
            self._state = self._model.encode(outputs[None], np.zeros(1))[0]
            self._values[self._outputs] = outputs
        else:
            if self._is_initialising:
                self._state = self._model.begin(self._package.tensors, parameters[None])[0]
            self._values[self._outputs] = self._stepper.outputs(self._state, inputs, parameters)
        self._is_current = True
