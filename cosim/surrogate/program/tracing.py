"""A model with its tensors → programs, by letting it take a step with arrays that note what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from cosim.errors import StructureError
from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.domain import Domain
from cosim.surrogate.model import Array
from cosim.surrogate.program.builder import Builder
from cosim.surrogate.program.program import Program
from cosim.surrogate.program.traced import Traced

STATE: Final = "state"
INPUTS: Final = "inputs"
PARAMETERS: Final = "parameters"
SIZE: Final = "size"
"""Of the step [s]; an input where a shorter one may be taken."""
COORDINATES: Final = "coordinates"
SPREAD: Final = "spread"
EXCESS: Final = "excess"
"""Over what the domain allows; up to 1 inside."""
OUTPUTS: Final = "outputs"


class _Sheet:
    """A program that is being written, with the arrays that a model takes; one unit, so that n is 1."""

    def __init__(self, model: AbstractModel, n_inputs: int, n_parameters: int) -> None:
        self._builder = Builder()
        self.state = self._input(STATE, len(model.state_names))
        self.inputs, self.parameters = self._input(INPUTS, n_inputs), self._input(PARAMETERS, n_parameters)

    def _input(self, name: str, n: int) -> Any:
        return Traced(self._builder, self._builder.input(name, n)[None])

    def size(self, model: AbstractModel) -> Any:
        """Return the size of a step."""
        if not model.can_divide_steps:
            return model.step_size
        return Traced(self._builder, self._builder.input(SIZE, 1)[0])

    def finish(self, outputs: Mapping[str, Any]) -> Program:
        """Return the program that computes ``outputs``."""
        places = {
            name: value.places if isinstance(value, Traced) else self._builder.constant(value)
            for name, value in outputs.items()
        }
        return self._builder.finish(places)


class Programs:
    """The programs of a model with its tensors, each written when it is first asked for."""

    def __init__(
        self, model: AbstractModel, tensors: Mapping[str, Array], domain: Domain, *, n_inputs: int, n_parameters: int
    ) -> None:
        self.model, self.tensors, self.domain = model, tensors, domain
        self._n_inputs, self._n_parameters = n_inputs, n_parameters

    @cached_property
    def step(self) -> Program:
        """State, inputs, parameters and size → state, coordinates, spread, excess, and outputs after a step."""
        return self._traced(self._step)

    @cached_property
    def outputs(self) -> Program:
        """State, inputs and parameters → outputs."""
        return self._traced(
            lambda sheet: {OUTPUTS: self.model.outputs(self.tensors, sheet.state, sheet.inputs, sheet.parameters)}
        )

    @cached_property
    def begin(self) -> Program:
        """Parameters → the state at the start."""
        return self._traced(lambda sheet: {STATE: self.model.begin(self.tensors, sheet.parameters)})

    def _step(self, sheet: _Sheet) -> dict[str, Any]:
        model, tensors = self.model, self.tensors
        advance = model.advance(tensors, sheet.state, sheet.inputs, sheet.parameters, sheet.size(model))
        told = model.outputs(tensors, advance.state, sheet.inputs, sheet.parameters)
        return {
            STATE: advance.state,
            COORDINATES: advance.coordinates,
            SPREAD: advance.spread,
            EXCESS: self.domain.excess(advance.coordinates, advance.spread),
            OUTPUTS: told,
        }

    def _traced(self, use: Callable[[_Sheet], Mapping[str, Any]]) -> Program:
        sheet = _Sheet(self.model, self._n_inputs, self._n_parameters)
        try:
            return sheet.finish(use(sheet))
        except TypeError as error:
            raise StructureError(
                f"A step of the architecture '{type(self.model).__name__}' cannot be written as a program: {error}."
            ) from error
