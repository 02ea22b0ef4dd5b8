"""The table of variables that the FMU shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from cosim.build.compiler.declarations import Declarations, Role, element_names
from cosim.build.compiler.space import Ids, Origin
from cosim.build.frontend.flat import Kind, Variable
from cosim.build.model import BaseType, Enumeration, ModelVariable, Slot

_TYPES = {
    Kind.REAL: BaseType.REAL,
    Kind.INTEGER: BaseType.INTEGER,
    Kind.BOOLEAN: BaseType.BOOLEAN,
    Kind.ENUMERATION: BaseType.ENUMERATION,
}


@dataclass(frozen=True, slots=True)
class Exposed:
    """What the FMU shows: the variables, and the numbers of the scalars that ``m_out`` returns."""

    variables: tuple[ModelVariable, ...]
    output_ids: Ids


def output_ids(declarations: Declarations) -> Ids:
    """Return the scalars that ``m_out`` computes: those shown and computed."""
    chosen = [
        declarations.numbers[variable.name].ravel()
        for role in (Role.DEPENDENT, Role.COMPUTED)
        for variable in declarations.of_role(role)
        if is_shown(declarations, variable)
    ]
    return np.concatenate(chosen) if chosen else np.empty(0, np.int64)


def is_shown(declarations: Declarations, variable: Variable) -> bool:
    """Tell whether the FMU lists a variable: what is not protected, and every state."""
    if variable.kind is Kind.STRING:
        return False
    return not variable.is_protected or declarations.roles[variable.name] is Role.STATE


class VariableTable:
    """Writes a model's variables in the order: time, states, derivatives, inputs, parameters, discretes, the rest."""

    def __init__(self, declarations: Declarations, *, used_parameters: frozenset[int], free: frozenset[int]) -> None:
        self._declarations = declarations
        self._space = declarations.space
        self._used = used_parameters
        self._free = free
        self._output_position = 0

    def build(self) -> tuple[ModelVariable, ...]:
        """List every variable."""
        time = ModelVariable("time", Slot.TIME, 0, "independent", "continuous", unit="s")
        rows = [time]
        writers = (
            (Role.STATE, self._state),
            (Role.STATE, self._derivative),
            (Role.INPUT, self._input),
            (Role.PARAMETER, self._parameter),
            (Role.DISCRETE, self._discrete),
            (Role.DEPENDENT, self._dependent),
            (Role.COMPUTED, self._computed),
            (Role.CONSTANT, self._constant),
        )
        for role, writer in writers:
            for variable in self._declarations.of_role(role):
                if is_shown(self._declarations, variable):
                    rows += writer(variable)
        rows += [
            ModelVariable(
                f"$indicator[{index + 1}]", Slot.INDICATOR, index, "local", "continuous", initial="calculated"
            )
            for index in range(self._space.size(Origin.RELATION))
        ]
        return tuple(rows)

    def _rows(self, variable: Variable, slot: Slot, causality: str, variability: str) -> Iterable[ModelVariable]:
        defaults = self._declarations.defaults
        minimum = defaults.attribute(variable.minimum, variable)
        maximum = defaults.attribute(variable.maximum, variable)
        nominal = defaults.attribute(variable.nominal, variable)
        positions = self._space.positions()
        numbers = self._declarations.numbers.get(variable.name)
        for place, name in enumerate(element_names(variable)):
            index = int(positions[numbers.ravel()[place]]) if numbers is not None else 0
            yield ModelVariable(
                name=name,
                slot=slot,
                index=index,
                causality=causality,
                variability=variability,
                type=_TYPES[variable.kind],
                unit=variable.unit,
                display_unit=variable.display_unit,
                quantity=variable.quantity,
                description=variable.description,
                minimum=minimum[place] if minimum else None,
                maximum=maximum[place] if maximum else None,
                nominal=nominal[place] if nominal else None,
                enumeration=variable.enumeration,
            )

    def _starts(self, variable: Variable) -> list[float]:
        declarations = self._declarations
        size = len(element_names(variable))
        if variable.variability in ("Parameter", "Constant"):
            value = declarations.defaults.value(variable.name)
            return [float(item) for item in (value.ravel() if isinstance(value, np.ndarray) else [value])]
        return declarations.defaults.attribute(variable.start, variable) or [0.0] * size

    def _local_or_output(self, variable: Variable) -> str:
        is_output = variable.causality == "Output" and self._declarations.is_interface(variable)
        return "output" if is_output else "local"

    def _state(self, variable: Variable) -> Iterable[ModelVariable]:
        starts = self._starts(variable)
        for row, start in zip(
            self._rows(variable, Slot.STATE, self._local_or_output(variable), "continuous"), starts, strict=True
        ):
            yield replace(row, initial="approx" if row.index in self._free else "exact", start=start)

    def _derivative(self, variable: Variable) -> Iterable[ModelVariable]:
        for row in self._rows(variable, Slot.DERIVATIVE, "local", "continuous"):
            yield ModelVariable(
                f"der({row.name})",
                Slot.DERIVATIVE,
                row.index,
                "local",
                "continuous",
                initial="calculated",
                unit=f"{variable.unit}/s" if variable.unit else None,
                derivative_of=row.name,
            )

    def _input(self, variable: Variable) -> Iterable[ModelVariable]:
        starts = self._starts(variable)
        for row, start in zip(
            self._rows(variable, Slot.INPUT, "input", self._variability(variable)), starts, strict=True
        ):
            yield replace(row, start=start, has_default=variable.start is not None)

    def _parameter(self, variable: Variable) -> Iterable[ModelVariable]:
        numbers, starts = self._declarations.numbers[variable.name].ravel(), self._starts(variable)
        rows = self._rows(variable, Slot.PARAMETER, "parameter", "tunable")
        for row, number, start in zip(rows, numbers, starts, strict=True):
            variability = "tunable" if int(number) in self._used else "fixed"
            yield replace(row, variability=variability, initial="exact", start=start)

    def _discrete(self, variable: Variable) -> Iterable[ModelVariable]:
        starts = self._starts(variable)
        rows = self._rows(variable, Slot.DISCRETE, self._local_or_output(variable), "discrete")
        for row, start in zip(rows, starts, strict=True):
            yield replace(row, initial="exact", start=start)

    def _dependent(self, variable: Variable) -> Iterable[ModelVariable]:
        for row in self._rows(variable, Slot.OUTPUT, "calculatedParameter", "tunable"):
            yield self._computed_row(row)

    def _computed(self, variable: Variable) -> Iterable[ModelVariable]:
        rows = self._rows(variable, Slot.OUTPUT, self._local_or_output(variable), self._variability(variable))
        for row in rows:
            yield self._computed_row(row)

    def _computed_row(self, row: ModelVariable) -> ModelVariable:
        position = self._output_position
        self._output_position += 1
        return replace(row, index=position, initial="calculated")

    def _constant(self, variable: Variable) -> Iterable[ModelVariable]:
        starts = self._starts(variable)
        for row, start in zip(self._rows(variable, Slot.CONSTANT, "local", "constant"), starts, strict=True):
            yield replace(row, initial="exact", start=start)

    @staticmethod
    def _variability(variable: Variable) -> str:
        is_discrete = variable.kind is not Kind.REAL or variable.variability == "Discrete"
        return "discrete" if is_discrete else "continuous"


def enumerations(declarations: Declarations) -> tuple[Enumeration, ...]:
    """List the enumeration types of the variables that are shown."""
    used = {variable.enumeration for variable in declarations.flat.variables.values() if variable.enumeration}
    return tuple(
        Enumeration(item.name, tuple(zip(item.literals, item.descriptions or [""] * len(item.literals), strict=True)))
        for item in declarations.flat.enumerations
        if item.name in used
    )
