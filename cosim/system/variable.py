"""Variables and their qualified names, in FMI 3.0's terms."""

import re
from dataclasses import dataclass
from enum import Enum

_COMPONENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_component_name(text: str) -> bool:
    """Tell whether ``text`` may name a component: a letter or underscore, then letters, digits, underscores."""
    return _COMPONENT_NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class VariableName:
    """A variable of a component, written ``component.variable``.

    Component names contain no dot, so the first dot separates; FMU variable names may contain further dots.
    """

    component: str
    variable: str

    @classmethod
    def parse(cls, text: str) -> "VariableName":
        """Split ``text`` at its first dot; raise ValueError when that does not give two names."""
        component, dot, variable = text.partition(".")
        if not dot or not variable or not is_component_name(component):
            raise ValueError(f"'{text}' is not of the form component.variable.")
        return cls(component, variable)

    def __str__(self) -> str:
        return f"{self.component}.{self.variable}"


class Causality(Enum):
    """FMI causality, spelled as in a model description."""

    PARAMETER = "parameter"
    CALCULATED_PARAMETER = "calculatedParameter"
    STRUCTURAL_PARAMETER = "structuralParameter"
    INPUT = "input"
    OUTPUT = "output"
    LOCAL = "local"
    INDEPENDENT = "independent"


class Variability(Enum):
    """FMI variability."""

    CONSTANT = "constant"
    FIXED = "fixed"
    TUNABLE = "tunable"
    DISCRETE = "discrete"
    CONTINUOUS = "continuous"


class VariableType(Enum):
    """FMI 3.0 variable types; FMI 1 and 2 Real, Integer map to FLOAT64, INT32."""

    FLOAT32 = "Float32"
    FLOAT64 = "Float64"
    INT8 = "Int8"
    UINT8 = "UInt8"
    INT16 = "Int16"
    UINT16 = "UInt16"
    INT32 = "Int32"
    UINT32 = "UInt32"
    INT64 = "Int64"
    UINT64 = "UInt64"
    BOOLEAN = "Boolean"
    STRING = "String"
    BINARY = "Binary"
    ENUMERATION = "Enumeration"
    CLOCK = "Clock"

    @property
    def is_numeric(self) -> bool:
        """True for what the engine can carry as a float64: numbers, Booleans (0, 1) and enumerations."""
        return self not in (VariableType.STRING, VariableType.BINARY, VariableType.CLOCK)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of an instance's interface.

    ``unit`` is FMI's own unit string (None: not stated); ``start``, ``minimum``, ``maximum``, ``nominal`` are in it.
    ``enumeration`` maps item names to values. ``shape`` is () for scalars. ``display_unit`` is for people only.
    """

    name: str
    causality: Causality
    variability: Variability = Variability.CONTINUOUS
    type: VariableType = VariableType.FLOAT64
    unit: str | None = None
    start: float | int | bool | str | bytes | tuple[float, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    nominal: float | None = None
    description: str = ""
    enumeration: tuple[tuple[str, int], ...] = ()
    shape: tuple[int, ...] = ()
    display_unit: str | None = None
