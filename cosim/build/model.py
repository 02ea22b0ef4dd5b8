"""What a compiled model is: the hand-over from the compiler to the FMU writer.

The compiler turns a flat Modelica model into C functions over plain vectors and a table of variables. The runtime
(``runtime/*.c``) integrates those functions; the FMU writer describes them in XML. ``docs/reference/model-abi.md``
defines the C side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Slot(Enum):
    """The runtime vector in which a variable lives; the value is its code in the generated variable table."""

    STATE = 0
    DERIVATIVE = 1
    INPUT = 2
    PARAMETER = 3
    DISCRETE = 4
    OUTPUT = 5
    INDICATOR = 6
    TIME = 7
    CONSTANT = 8


class BaseType(Enum):
    """Modelica's scalar types; the runtime holds all of them as doubles (strings cannot be variables of an FMU)."""

    REAL = "Real"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    ENUMERATION = "Enumeration"


@dataclass(frozen=True, slots=True)
class ModelVariable:
    """One scalar variable of the FMU; its value reference is its position in ``CompiledModel.variables``.

    ``causality`` (parameter, calculatedParameter, input, output, local, independent), ``variability`` and ``initial``
    (exact, approx, calculated) use FMI's spellings. ``start`` is in ``unit`` and None where FMI forbids one;
    an input whose ``start`` is there only because FMI demands one has no default.
    """

    name: str
    slot: Slot
    index: int
    causality: str
    variability: str
    type: BaseType = BaseType.REAL
    initial: str | None = None
    start: float | None = None
    unit: str | None = None
    display_unit: str | None = None
    quantity: str | None = None
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    nominal: float | None = None
    derivative_of: str | None = None
    enumeration: str | None = None
    has_default: bool = True


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A Modelica enumeration type; items are (name, description), numbered from 1."""

    name: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """An event-generating comparison; ``is_time`` ones are announced as time events, not searched as crossings."""

    strict: bool
    is_time: bool


@dataclass(frozen=True, slots=True)
class Message:
    """Text of an ``assert`` or ``terminate``; ``level`` is 'error', 'warning' or 'terminate'."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class AlgebraicBlock:
    """One torn block of iteration variables ``z[offset : offset + size]``.

    Blocks of the same ``level`` do not depend on each other and are solved together; a block depends only on blocks of
    lower levels.
    """

    offset: int
    size: int
    level: int


@dataclass(frozen=True, slots=True)
class SparsityPattern:
    """Row and column of each nonzero, in the order in which the generated C writes them."""

    n_rows: int
    n_columns: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A Modelica model as C functions with their tables.

    ``c_source`` defines the functions of ``docs/reference/model-abi.md`` and has no dependency but libm.
    ``dependencies`` maps each output, derivative and initial unknown to the knowns (inputs, states) it depends on.
    ``z_minimum`` and ``z_maximum`` bound the iteration variables; ``z_names`` names them for error messages.
    """

    name: str
    description: str
    c_source: str
    variables: tuple[ModelVariable, ...]
    enumerations: tuple[Enumeration, ...]
    state_nominals: tuple[float, ...]
    free_states: tuple[int, ...]
    jacobian: SparsityPattern
    z_names: tuple[str, ...]
    z_nominals: tuple[float, ...]
    z_minimum: tuple[float, ...]
    z_maximum: tuple[float, ...]
    z_jacobian: SparsityPattern
    blocks: tuple[AlgebraicBlock, ...]
    relations: tuple[Relation, ...]
    n_conditions: int
    n_discrete: int
    asserts: tuple[Message, ...]
    fired_messages: tuple[Message, ...]
    dependencies: Mapping[str, tuple[str, ...]]
    initial_dependencies: Mapping[str, tuple[str, ...]]
    start_time: float | None = None
    stop_time: float | None = None
    tolerance: float | None = None
    step_size: float | None = None
    resources: Mapping[str, str] | None = None
