"""What connections of a package make of values beyond units, as blocks in Modelica between the components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cosim.errors import StructureError
from cosim.interchange.conversions import is_conversion
from cosim.interchange.ssp_reader import Wire
from cosim.interchange.transformations import Transformation
from cosim.system.variable import Variable
from cosim.units import conversion

PACKAGE: Final = "Between"
_LINE: Final = """  block Line "A multiple, and something added"
    parameter Real factor = 1 "What the value is multiplied by";
    parameter Real offset = 0 "What is added";
    input Real u(start = 0) "What comes";
    output Real y "What goes";
  equation
    y = factor*u + offset;
  end Line;
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A block in between: the class it is of, its text, and the values of its parameters."""

    name: str
    text: str
    parameters: Mapping[str, float]


def block_for(wire: Wire, source: Variable | None, target: Variable | None, number: int) -> Block | None:
    """Return what has to stand between the ends of ``wire``; None where converting units is enough.

    ``number`` tells tables from each other.

    Raises
    ------
    StructureError
        When a table does not fit the ends.
    """
    one = wire.transformation
    if one.kind == "linear":
        return _line(one, None if source is None else source.unit, None if target is None else target.unit)
    name = f"Table{number}"
    if one.kind == "Boolean":
        return Block(name, _boolean_table(name, one, wire), {})
    pairs = one.table
    if one.kind == "Enumeration":
        pairs = tuple((_item(source, a, wire), _item(target, b, wire)) for a, b in pairs)
    return Block(name, _integer_table(name, [(_whole(a, wire), _whole(b, wire)) for a, b in pairs]), {})


def _line(one: Transformation, source: str | None, target: str | None) -> Block | None:
    factor, offset = one.factor, one.offset
    try:
        if not one.is_bare:
            converted = conversion(source, target)
            factor, offset = factor * converted.factor, factor * converted.offset + offset
        if is_conversion(factor, offset, source, target):
            return None
    except StructureError:
        if not one.is_bare:
            return None  # of units that do not fit, whoever joins the ends tells
    return Block("Line", _LINE, {"factor": factor, "offset": offset})


def _boolean_table(name: str, one: Transformation, wire: Wire) -> str:
    found = {word: one.look_up(word, str(wire)) for word in ("true", "false")}
    if not {*found.values()} <= {"true", "false"}:
        raise StructureError(f"The table of the {wire} has entries that are not Booleans.")
    return f"""  block {name} "Other Booleans"
    input Boolean u(start = false) "What comes";
    output Boolean y "What goes";
  equation
    y = if u then {found["true"]} else {found["false"]};
  end {name};
"""


def _integer_table(name: str, pairs: list[tuple[int, int]]) -> str:
    chain = "".join(f"if u == {a} then {b} else " for a, b in pairs[:-1])
    known = " or ".join(f"u == {a}" for a, _ in pairs)
    return f"""  block {name} "Other whole numbers"
    input Integer u(start = {pairs[0][0]}) "What comes";
    output Integer y "What goes";
  equation
    assert({known}, "a value came that the table of the connection does not have");
    y = {chain}{pairs[-1][1]};
  end {name};
"""


def _item(variable: Variable | None, item: str, wire: Wire) -> str:
    items = dict(variable.enumeration) if variable is not None else {}
    if item not in items:
        raise StructureError(f"The table of the {wire} has the item '{item}'; known are {', '.join(items) or 'none'}.")
    return str(items[item])


def _whole(text: str, wire: Wire) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise StructureError(f"The table of the {wire} has the entry '{text}', which is no whole number.") from error


def write_package(blocks: Iterable[Block]) -> str:
    """Return the Modelica package with the classes of ``blocks``."""
    texts = dict.fromkeys(block.text for block in blocks)
    return f'package {PACKAGE} "What connections make of values"\n{"".join(texts)}end {PACKAGE};\n'
