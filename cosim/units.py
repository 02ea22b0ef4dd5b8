"""Quantities such as ``1500 L``, and conversion between units.

Conversion is exact until the last rounding, so that 600 L/h is the float nearest to 1/6000 m3/s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import StructureError
from cosim.unit_notation import BASE_UNITS, NUMBER, UnitDefinition, exact_number, is_everyday_unit, read_unit

__all__ = [
    "BASE_UNITS",
    "Conversion",
    "Quantity",
    "UnitDefinition",
    "coherent_unit",
    "conversion",
    "dimension_name",
    "duration_ticks",
    "is_compatible",
    "is_everyday_unit",
    "parse_quantity",
    "read_unit",
    "seconds",
    "si_base",
    "times_seconds",
]

_QUANTITY: Final = re.compile(rf"\s*(?P<value>[+-]?{NUMBER})\s*(?P<unit>.*?)\s*")
_POWER_OF_TEN: Final = re.compile(r"1(?![\d.])|10(\^|\*\*)")
_DIMENSION_NAMES: Final[Mapping[tuple[int, ...], str]] = {
    (0, 0, 0, 0, 0, 0, 0): "dimensionless number",
    (0, 3, 0, 0, 0, 0, 0): "volume",
    (0, 3, -1, 0, 0, 0, 0): "volume flow",
    (0, 2, 0, 0, 0, 0, 0): "area",
    (0, 1, 0, 0, 0, 0, 0): "length",
    (0, 1, -1, 0, 0, 0, 0): "velocity",
    (1, 0, 0, 0, 0, 0, 0): "mass",
    (1, 0, -1, 0, 0, 0, 0): "mass flow",
    (1, -3, 0, 0, 0, 0, 0): "mass concentration",
    (0, 0, 0, 0, 0, 1, 0): "amount",
    (0, 0, -1, 0, 0, 1, 0): "molar flow",
    (0, -3, 0, 0, 0, 1, 0): "molar concentration",
    (0, -3, 0, 0, 0, 0, 0): "number concentration",
    (1, 0, 0, 0, 0, -1, 0): "molar mass",
    (0, 0, 1, 0, 0, 0, 0): "time",
    (0, 0, -1, 0, 0, 0, 0): "rate",
    (0, 0, 0, 0, 1, 0, 0): "temperature",
    (1, -1, -2, 0, 0, 0, 0): "pressure",
    (1, 2, -2, 0, 0, 0, 0): "energy",
    (1, 2, -3, 0, 0, 0, 0): "power",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """target = ``factor`` · source + ``offset``."""

    factor: float
    offset: float


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the unit it was written in; ``unit`` '' for a bare number."""

    value: Fraction
    unit: str
    text: str

    def to(
        self, unit: str | None, *, aliases: Mapping[str, UnitDefinition] | None = None, difference: bool = False
    ) -> float:
        """Convert to ``unit`` (None or '': a pure number); ``difference`` leaves out the offset of temperatures.

        Raises
        ------
        StructureError
            When a unit is unknown or the dimensions differ.
        """
        source = read_unit(self.unit or "1", aliases)
        target = read_unit(unit or "1")
        if source.dimension != target.dimension:
            raise StructureError(_mismatch(f"'{self.text}'", source, f"[{unit or '1'}]", target))
        offset = Fraction(0) if difference else source.offset - target.offset
        return float((self.value * source.factor + offset) / target.factor)

    def to_si(self) -> float:
        """Convert to the base units of its own dimension."""
        unit = read_unit(self.unit or "1")
        return float(self.value * unit.factor + unit.offset)


def parse_quantity(text: str) -> Quantity:
    """Read ``text`` as a number followed by a unit, such as ``0.037 1/h``, ``1e6/mL`` or ``600 L/h``.

    Raises
    ------
    StructureError
        When it does not begin with a finite number in plain or exponent notation.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise StructureError(f"'{text}' is not a quantity: it should be a number and a unit, as in '600 L/h'.")
    if match["unit"].startswith(",") or (match["unit"][:1].isdigit() and not _POWER_OF_TEN.match(match["unit"])):
        raise StructureError(f"'{text}' has two numbers before its unit. Write thousands without a separator.")
    unit = match["unit"]
    return Quantity(exact_number(match["value"]), "1" + unit if unit.startswith("/") else unit, text.strip())


def seconds(text: str) -> float:
    """Read a duration such as ``10 min`` as seconds."""
    return _duration(text).to("s")


def duration_ticks(text: str) -> Ticks:
    """Read a duration such as ``14 d`` as ticks, exactly where it is a whole number of them."""
    quantity = _duration(text)
    return Ticks(round(quantity.value * read_unit(quantity.unit).factor * TICKS_PER_SECOND))


def _duration(text: str) -> Quantity:
    quantity = parse_quantity(text)
    if not quantity.unit:
        raise StructureError(f"The duration '{text}' has no unit. Write, for example, '{text.strip()} min'.")
    if read_unit(quantity.unit).dimension != read_unit("s").dimension:
        raise StructureError(f"'{text}' is {_with_article(read_unit(quantity.unit))}, where a time is expected.")
    return quantity


def si_base(unit: str) -> tuple[float, float, dict[str, int]]:
    """Return factor, offset and nonzero exponents of FMI's base units: x [base] = factor · x [unit] + offset."""
    definition = read_unit(unit)
    exponents = {name: power for name, power in zip(BASE_UNITS, definition.exponents, strict=True) if power}
    return float(definition.factor), float(definition.offset), exponents


def conversion(source: str | None, target: str | None, *, molar_mass: float | None = None) -> Conversion:
    """Return how to turn a value in ``source`` into one in ``target``.

    Parameters
    ----------
    source, target
        FMI unit strings; None means that no unit is stated, which converts with factor 1.
    molar_mass
        [kg/mol], to pass between mass and amount of substance.

    Raises
    ------
    StructureError
        When a unit is unknown or the dimensions differ.
    """
    if source is None or target is None or source == target:
        return Conversion(1.0, 0.0)
    a, b = read_unit(source), read_unit(target)
    factor = a.factor
    if a.dimension != b.dimension:
        step = _moles_to_mass(a, b)
        if step == 0 or molar_mass is None:
            raise StructureError(_mismatch(f"[{source}]", a, f"[{target}]", b))
        factor *= Fraction(molar_mass) ** step
    return Conversion(float(factor / b.factor), float((a.offset - b.offset) / b.factor))


def times_seconds(unit: str) -> str:
    """Return the unit of an integral over time: ``m3`` for ``m3/s``, ``(L/h).s`` for ``L/h``."""
    return unit[:-2] if unit.endswith("/s") and unit != "1/s" else "1" if unit == "1/s" else f"({unit}).s"


def coherent_unit(unit: str) -> str:
    """Return the SI unit of the same dimension, written in base units: ``kg`` for ``g``, ``m3`` for ``L``, or ``1``."""
    return _in_base_units(read_unit(unit)) or "1"


def _in_base_units(definition: UnitDefinition) -> str:
    powers = zip(BASE_UNITS, definition.dimension, strict=False)
    return ".".join(base if power == 1 else f"{base}{power}" for base, power in powers if power)


def is_compatible(source: str, target: str) -> bool:
    """Tell whether both units are known and of one dimension."""
    try:
        return read_unit(source).dimension == read_unit(target).dimension
    except StructureError:
        return False


def dimension_name(definition: UnitDefinition) -> str:
    """Name the dimension in words where there is a word, else by its base units, as in ``kg.m-2``."""
    return _DIMENSION_NAMES.get(definition.dimension) or _in_base_units(definition)


def _moles_to_mass(source: UnitDefinition, target: UnitDefinition) -> int:
    """Return the power of the molar mass [kg/mol] between two dimensions, 0 if there is none."""
    change = tuple(b - a for a, b in zip(source.dimension, target.dimension, strict=True))
    if change[0] and change[0] == -change[5] and not any(change[1:5]) and not change[6]:
        return change[0]
    return 0


def _with_article(definition: UnitDefinition) -> str:
    name = dimension_name(definition)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _mismatch(left: str, source: UnitDefinition, right: str, target: UnitDefinition) -> str:
    words = f"{left} is {_with_article(source)} and {right} {_with_article(target)}"
    if _moles_to_mass(source, target):
        return f"{words}: mass and amount of substance differ by a molar mass. Give a molar mass, or change one unit."
    return f"{words}: they differ in dimension."
