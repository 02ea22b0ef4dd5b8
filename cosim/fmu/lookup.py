"""Which variables of an FMU may be exchanged or set, and the errors that say why one may not."""

from collections.abc import Sequence
from typing import Final

from cosim.errors import StepError, StructureError
from cosim.fmu.arrays import Arrays
from cosim.fmu.values import first_index, start_number, to_bytes, why_not_settable
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest
from cosim.system.variable import Variable

_SHOWN: Final = 3
"""Variables named in a message about a batch."""


class Lookup:
    """The variables of the component ``name``; every method raises StructureError where there is no answer."""

    def __init__(self, name: str, description: ComponentDescription, arrays: Arrays) -> None:
        self._name = name
        self._description = description
        self._arrays = arrays

    def variable(self, name: str) -> Variable:
        """Return a variable of any kind."""
        variable = self._description.variables.get(name)
        if variable is None:
            hint = nearest(name, self._description.variables)
            text = f"'{self._name}' ({self._description.model}) has no variable '{name}'.{hint}"
            raise StructureError(text, component=self._name, variable=name)
        return variable

    def numeric_scalar(self, name: str) -> Variable:
        """Return a variable that crosses the contract as a number."""
        variable = self.variable(name)
        what = f"array of {variable.type.value}" if variable.shape else variable.type.value
        if variable.shape or not variable.type.is_numeric:
            hint = f", one by one: {name}[{first_index(variable)}]" if variable.shape else ""
            raise StructureError(
                f"{self._name}.{name} ({what}) cannot be exchanged: only numbers, Booleans, enumerations can{hint}.",
                component=self._name,
                variable=name,
            )
        return variable

    def settable(self, name: str) -> Variable:
        """Return a variable that takes a start value."""
        variable = self.variable(name)
        why = why_not_settable(variable)
        if why:
            text = f"The start value of {self._name}.{name} cannot be set: {why}."
            raise StructureError(text, component=self._name, variable=name)
        return variable

    def start_bytes(self, variable: Variable, value: StartValue) -> bytes:
        """Return the content to write for a binary start value."""
        try:
            return to_bytes(value)
        except ValueError as error:
            raise self.bad_start(variable, value, str(error)) from error

    def inexact(self, what: str, when: str) -> StepError:
        """Say that an integer, named with its value, is larger than what crosses the contract exactly."""
        text = f"{self._name}.{what} is beyond 2^53 {when}: it cannot be carried exactly. Do not connect it."
        return StepError(text, component=self._name)

    def start_number(self, variable: Variable, value: StartValue | None) -> float:
        """Return the number to write for a start value; for None the one that the FMU states."""
        if value is None:
            return float(variable.start) if isinstance(variable.start, int | float) else 0.0
        try:
            return start_number(variable, value)
        except ValueError as error:
            raise self.bad_start(variable, value, str(error)) from error

    def bad_start(self, variable: Variable, value: StartValue, why: str) -> StructureError:
        """Say that ``variable`` cannot start at ``value``."""
        text = f"{self._name}.{variable.name} ({variable.type.value}) cannot start at {value!r}: {why}."
        return StructureError(text, component=self._name, variable=variable.name)

    def resized(self, name: str, by: str) -> StructureError:
        """Say that the structural parameter ``by`` gave the array of ``name`` another size."""
        array, size = self._arrays.elements[name].array, self._arrays.elements[name].size
        return StructureError(
            f"{self._name}.{name} cannot be exchanged: the structural parameter '{by}' gives the array "
            f"{array} another size than the {size} its description states. Leave it at its start value.",
            component=self._name,
            variable=name,
        )

    def listed(self, names: Sequence[str]) -> str:
        """Name a batch of variables."""
        shown = ", ".join(f"{self._name}.{name}" for name in names[:_SHOWN])
        return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
