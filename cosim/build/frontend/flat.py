"""A flat Modelica model as typed data: what the back end works on, independent of the front end that made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, truth value or text."""

    value: float | int | bool | str


@dataclass(frozen=True, slots=True)
class Colon:
    """The whole-dimension subscript ``:``."""


Subscript: TypeAlias = "Expression | Colon"


@dataclass(frozen=True, slots=True)
class Part:
    """One identifier of a component reference with its subscripts."""

    name: str
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a variable, constant, enumeration literal, loop index or function argument.

    ``name`` is the flat dotted name; ``subscripts`` are those of the last identifier; ``parts`` keep the subscripts
    of arrays of components.
    """

    name: str
    subscripts: tuple[Subscript, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``operator`` is Minus, Plus or Not."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """``operator`` is the front end's name: Add, Sub, Mul, Div, Exp, Lt, And and their elementwise forms."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if … then … elseif … else …`` as an expression."""

    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """``{a, b, …}`` or a tuple ``(a, b, …)``."""

    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Range:
    """``start : step : stop``."""

    start: "Expression"
    step: "Expression | None"
    stop: "Expression"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``{body for name in range, …}``."""

    body: "Expression"
    indices: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in operator or function by the front end's name (Der, Pre, Sin, Sum …)."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a user-defined function or a record constructor."""

    function: str
    arguments: tuple["Expression", ...]
    is_constructor: bool


@dataclass(frozen=True, slots=True)
class Indexed:
    """Subscripts applied to an expression."""

    base: "Expression"
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record-valued expression."""

    base: "Expression"
    field: str


Expression: TypeAlias = (
    Literal
    | Reference
    | Unary
    | Binary
    | Conditional
    | ArrayOf
    | Range
    | Comprehension
    | Builtin
    | Call
    | Indexed
    | Field
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target := value``; several targets for a function with several outputs."""

    targets: tuple[Reference | None, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class ForLoop:
    """``for name in range loop``, several indices nested from left to right."""

    indices: tuple[tuple[str, Expression], ...]
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Branching:
    """``if … then … elseif … else …`` as a statement."""

    branches: tuple[tuple[Expression, tuple["Statement", ...]], ...]
    otherwise: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """``return`` or ``break``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """``assert(condition, message, level)``; ``level`` is 'error' or 'warning'."""

    condition: Expression
    message: Expression
    level: str


@dataclass(frozen=True, slots=True)
class Termination:
    """``terminate(message)``."""

    message: Expression


@dataclass(frozen=True, slots=True)
class Reinitialisation:
    """``reinit(state, value)``."""

    state: Reference
    value: Expression


Statement: TypeAlias = Assignment | ForLoop | Branching | Jump | Assertion | Termination | Reinitialisation


@dataclass(frozen=True, slots=True)
class FunctionVariable:
    """An input, output or local variable of a function; ``shape`` has one expression per dimension."""

    name: str
    shape: tuple[Subscript, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Function:
    """A user-defined function; of the external ones only those of the C mathematics library can be compiled."""

    name: str
    inputs: tuple[FunctionVariable, ...]
    outputs: tuple[FunctionVariable, ...]
    local_variables: tuple[FunctionVariable, ...]
    body: tuple[Statement, ...]
    is_external: bool
    is_constructor: bool
    external_name: str = ""


class Kind(Enum):
    """Modelica's primitive types."""

    REAL = "Real"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    ENUMERATION = "enumeration"
    STRING = "String"


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable with its attributes, still an array where it was declared as one."""

    name: str
    dimensions: tuple[int, ...]
    kind: Kind
    enumeration: str | None
    causality: str
    variability: str
    start: Expression | None
    fixed: tuple[bool, ...] | None
    minimum: Expression | None
    maximum: Expression | None
    nominal: Expression | None
    unit: str | None
    display_unit: str | None
    quantity: str | None
    description: str
    binding: Expression | None
    is_final: bool
    is_evaluated: bool
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Equation:
    """``residual = 0``."""

    residual: Expression
    origin: str


@dataclass(frozen=True, slots=True)
class Family:
    """Equations of a ``for`` loop: ``bodies`` for every point of the product of ``ranges``."""

    names: tuple[str, ...]
    ranges: tuple[range, ...]
    bodies: tuple[Expression, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class WhenBranch:
    """One ``when`` or ``elsewhen``."""

    condition: Expression
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class When:
    """A ``when`` with its ``elsewhen`` branches; in an algorithm later assignments see earlier ones."""

    branches: tuple[WhenBranch, ...]


@dataclass(frozen=True, slots=True)
class EnumerationType:
    """An enumeration type with the names of its literals, numbered from 1, and their descriptions in the source."""

    name: str
    literals: tuple[str, ...]
    descriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """The ``experiment`` annotation, where the class has one."""

    start_time: float | None = None
    stop_time: float | None = None
    tolerance: float | None = None
    interval: float | None = None


@dataclass(frozen=True, slots=True)
class FlatModel:
    """A Modelica model without classes, connections or inheritance.

    ``input_components`` and ``connectors`` are the names of the top-level components whose ``input`` and ``output``
    members face the outside. ``structural`` are the parameters that decided a branch, a range or a dimension.
    ``files`` are the sources, that of the class first.
    """

    name: str
    description: str
    variables: Mapping[str, Variable]
    equations: tuple[Equation, ...]
    families: tuple[Family, ...]
    initial_equations: tuple[Equation, ...]
    initial_families: tuple[Family, ...]
    assertions: tuple[Assertion, ...]
    whens: tuple[When, ...]
    functions: Mapping[str, Function]
    literals: Mapping[str, int]
    enumerations: tuple[EnumerationType, ...]
    connectors: frozenset[str]
    structural: frozenset[str]
    experiment: Experiment
    resources: Mapping[str, str]
    files: tuple[Path, ...] = ()
