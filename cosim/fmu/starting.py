"""Start values of an FMU: structural parameters first, then the others in FMI's order, arrays as a whole."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cosim.fmu.arrays import Arrays
from cosim.fmu.calls import AbstractCalls
from cosim.fmu.groups import Groups
from cosim.fmu.life import Life
from cosim.fmu.lookup import Lookup
from cosim.fmu.values import start_order
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variable, VariableType


class Starting:
    """Sets start values of one instance, which is not initialised yet."""

    def __init__(
        self,
        name: str,
        lookup: Lookup,
        references: Mapping[str, int],
        *,
        arrays: Arrays,
        calls: AbstractCalls,
        groups: Groups,
        life: Life,
    ) -> None:
        self._name, self._lookup, self._references = name, lookup, references
        self._arrays, self._calls, self._groups, self._life = arrays, calls, groups, life

    def set(self, values: Mapping[str, StartValue]) -> None:
        """Set all of ``values``."""
        variables = {name: self._lookup.settable(name) for name in values}
        structural = [name for name in values if variables[name].causality is Causality.STRUCTURAL_PARAMETER]

        def assign() -> None:
            for name in structural:
                self._set_one(variables[name], values[name])
                if name in self._arrays.sizing and values[name] != variables[name].start:
                    self._groups.resized_by = name

        if structural:
            self._life.attempt("Configuration", lambda: self._calls.configure(assign))
        for name in sorted(values, key=lambda name: start_order(variables[name])):
            if name not in structural and name not in self._arrays.elements:
                self._set_one(variables[name], values[name])
        self._set_elements({name: values[name] for name in values if name in self._arrays.elements})

    def _set_elements(self, values: Mapping[str, StartValue]) -> None:
        """Set whole arrays, whose other elements keep the start values that the FMU states."""
        wanted = dict.fromkeys(self._arrays.elements[name].array for name in values)
        members: dict[str, list[str]] = {array: [] for array in wanted}
        for name, element in self._arrays.elements.items() if wanted else ():
            if element.array in members:
                members[element.array].append(name)
        for array, names in members.items():
            variables = [self._lookup.variable(name) for name in names]
            numbers = [self._lookup.start_number(variable, values.get(variable.name)) for variable in variables]
            transfer = self._groups.transfer(variables[0].type, names, range(len(names)))
            self._groups.put(transfer, np.array(numbers), f"Setting {self._name}.{array}")

    def _set_one(self, variable: Variable, value: StartValue) -> None:
        what = f"Setting {self._name}.{variable.name} = {value!r}"
        if variable.type is VariableType.STRING:
            if not isinstance(value, str) or "\0" in value:
                raise self._lookup.bad_start(variable, value, "it takes a text")
            self._life.attempt(what, lambda: self._calls.set_string(self._references[variable.name], value))
            return
        if variable.type is VariableType.BINARY:
            content = self._lookup.start_bytes(variable, value)
            self._life.attempt(what, lambda: self._calls.set_binary(self._references[variable.name], content))
            return
        number = self._lookup.start_number(variable, value)
        transfer = self._groups.transfer(variable.type, [variable.name], [0])
        self._groups.put(transfer, np.array([number]), what)
