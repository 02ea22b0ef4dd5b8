"""What SSP makes of a value on its way: a linear function, or a table of Booleans, whole numbers or items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from lxml import etree

from cosim.errors import StructureError

Kind = Literal["linear", "Boolean", "Integer", "Enumeration"]
_TABLES: Final[Mapping[str, Kind]] = {
    "BooleanMappingTransformation": "Boolean",
    "IntegerMappingTransformation": "Integer",
    "EnumerationMappingTransformation": "Enumeration",
}
_WORDS: Final = {"1": "true", "0": "false"}


@dataclass(frozen=True, slots=True)
class Transformation:
    """``factor`` · value + ``offset`` after the conversion of units, or in its place (``is_bare``); or a ``table``."""

    kind: Kind = "linear"
    factor: float = 1.0
    offset: float = 0.0
    table: tuple[tuple[str, str], ...] = ()
    is_bare: bool = False

    @property
    def is_identity(self) -> bool:
        """True where nothing but units is converted."""
        return self.kind == "linear" and (self.factor, self.offset) == (1.0, 0.0)

    def then(self, after: Transformation, what: str) -> Transformation:
        """Return this followed by ``after``."""
        if self.is_identity or after.is_identity:
            one = after if self.is_identity else self
            return Transformation(one.kind, one.factor, one.offset, one.table, self.is_bare or after.is_bare)
        if self.kind != "linear" or after.kind != "linear":
            raise StructureError(f"The {what} passes a table and another transformation. Join them into one.")
        offset = after.factor * self.offset + after.offset
        return Transformation("linear", after.factor * self.factor, offset, (), self.is_bare or after.is_bare)

    def look_up(self, text: str, what: str) -> str:
        """Return what the table says of ``text``."""
        found = dict(self.table).get(_WORDS.get(text, text) if self.kind == "Boolean" else text)
        if found is None:
            raise StructureError(f"The {what} has the value '{text}', of which its table says nothing.")
        return found


UNCHANGED: Final = Transformation()
"""Units are converted, and that is all."""


def read_transformation(parent: Any, what: str) -> Transformation:  # noqa: ANN401  # lxml has no types
    """Read the transformation of a connection or a mapping entry, in words ``what``.

    Raises
    ------
    StructureError
        When it is of a kind that is not known, or not a number stands where one should.
    """
    is_bare = parent.get("suppressUnitConversion") in ("true", "1")
    for part in parent:
        name = etree.QName(part).localname if isinstance(part.tag, str) else ""
        if name == "LinearTransformation":
            factor, offset = (number(part, key, default, what) for key, default in (("factor", 1.0), ("offset", 0.0)))
            return Transformation("linear", factor, offset, (), is_bare)
        if name in _TABLES:
            kind = _TABLES[name]
            entries = [entry for entry in part if isinstance(entry.tag, str)]
            pairs = [(str(entry.get("source", "")), str(entry.get("target", ""))) for entry in entries]
            if kind == "Boolean":
                pairs = [(_WORDS.get(a, a), _WORDS.get(b, b)) for a, b in pairs]
            return Transformation(kind, table=tuple(pairs), is_bare=is_bare)
        if name.endswith("Transformation"):
            raise StructureError(f"The {what} has a {name}, which is not known here.")
    return Transformation(is_bare=is_bare)


def number(part: Any, name: str, default: float, what: str) -> float:  # noqa: ANN401
    """Return the attribute ``name`` as a number."""
    text = part.get(name)
    try:
        return default if text is None else float(text)
    except ValueError as error:
        raise StructureError(f"The {what} has the {name} '{text}', which is not a number.") from error
