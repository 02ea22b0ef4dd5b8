"""Who computes the steps of one surrogate: its program in C, or numpy where there is no compiler."""

from __future__ import annotations

from abc import ABC, abstractmethod
from ctypes import CDLL
from dataclasses import dataclass

from cosim.errors import StructureError
from cosim.surrogate.model import Array
from cosim.surrogate.program.machine import Machine, load_machine
from cosim.surrogate.program.tracing import (
    COORDINATES,
    EXCESS,
    INPUTS,
    OUTPUTS,
    PARAMETERS,
    SIZE,
    SPREAD,
    STATE,
    Programs,
)


@dataclass(frozen=True, slots=True)
class Stepped:
    """Where a step led: state (n_state,), coordinates, and outputs (n_outputs,) with the inputs of the step.

    ``excess`` is over what the domain allows, up to 1 inside.
    """

    state: Array
    coordinates: Array
    spread: float
    excess: float
    outputs: Array


class AbstractStepper(ABC):
    """Computes steps and outputs of one unit; the same to round-off, whoever does it."""

    @abstractmethod
    def step(self, state: Array, inputs: Array, parameters: Array, size: float) -> Stepped:
        """Take a step of ``size`` [s], at most the trained one, with ``inputs`` (n_inputs,) held."""

    @abstractmethod
    def outputs(self, state: Array, inputs: Array, parameters: Array) -> Array:
        """Return the outputs (n_outputs,) at ``state``."""


class NumpyStepper(AbstractStepper):
    """Lets the architecture itself do it."""

    def __init__(self, programs: Programs) -> None:
        self._model, self._tensors, self._domain = programs.model, programs.tensors, programs.domain

    def step(self, state: Array, inputs: Array, parameters: Array, size: float) -> Stepped:
        advance = self._model.advance(self._tensors, state[None], inputs[None], parameters[None], size)
        told = self._model.outputs(self._tensors, advance.state, inputs[None], parameters[None])
        excess = self._domain.excess(advance.coordinates, advance.spread)
        return Stepped(
            advance.state[0], advance.coordinates[0], float(advance.spread[0]), float(excess[0]), told[0]
        )  # fmt: skip

    def outputs(self, state: Array, inputs: Array, parameters: Array) -> Array:
        told: Array = self._model.outputs(self._tensors, state[None], inputs[None], parameters[None])[0]
        return told


class CompiledStepper(AbstractStepper):
    """Runs the programs in C: a call of some microseconds where numpy takes hundreds."""

    def __init__(self, programs: Programs, library: CDLL) -> None:
        self._programs, self._library = programs, library
        self._step = Machine(library, programs.step)
        self._outputs: Machine | None = None

    def step(self, state: Array, inputs: Array, parameters: Array, size: float) -> Stepped:
        machine = self._step
        if SIZE in machine.inputs:
            machine.inputs[SIZE][0] = size
        _run(machine, state, inputs, parameters)
        told = machine.outputs
        spread, excess = float(told[SPREAD][0]), float(told[EXCESS][0])
        return Stepped(told[STATE].copy(), told[COORDINATES].copy(), spread, excess, told[OUTPUTS].copy())

    def outputs(self, state: Array, inputs: Array, parameters: Array) -> Array:
        if self._outputs is None:
            self._outputs = Machine(self._library, self._programs.outputs)
        _run(self._outputs, state, inputs, parameters)
        return self._outputs.outputs[OUTPUTS].copy()


def _run(machine: Machine, state: Array, inputs: Array, parameters: Array) -> None:
    machine.inputs[STATE][:] = state
    machine.inputs[INPUTS][:] = inputs
    machine.inputs[PARAMETERS][:] = parameters
    machine.run()


def make_stepper(programs: Programs) -> AbstractStepper:
    """Return who steps one instance of a surrogate with these ``programs``."""
    library = load_machine()
    if library is None:
        return NumpyStepper(programs)
    try:
        return CompiledStepper(programs, library)
    except StructureError:  # an architecture that decides by what it computes
        return NumpyStepper(programs)
