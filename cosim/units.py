"""Units as FMI, Modelica and people write them, their conversion, and quantities such as ``1500 L``.

Unit strings are read by a parser of our own (``mol/m3``, ``1e9/L``, ``g/(L.h)``, ``kg.m-3``); what a single name such
as ``bar`` means is asked of pint, in exact fractions, so that 600 L/h is the float nearest to 1/6000 m3/s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import StructureError

if TYPE_CHECKING:
    import pint

BASE_UNITS: Final = ("kg", "m", "s", "A", "K", "mol", "cd", "rad")
"""FMI's base units, in the order of :attr:`UnitDefinition.exponents`."""

_NUMBER: Final = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3}(?!\d))?"
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>[A-Za-zµμΩ°Å%‰]+(?:_[A-Za-z0-9]+)*)|(?P<operator>\*\*|[-+*/.·⋅()^])"
    r"|(?P<superscript>[⁺⁻⁰¹²³⁴-⁹]+)|(?P<other>\S))"
)
_QUANTITY: Final = re.compile(rf"\s*(?P<value>[+-]?{_NUMBER})\s*(?P<unit>.*?)\s*")
_POWER_OF_TEN: Final = re.compile(r"1(?![\d.])|10(\^|\*\*)")
_SUPERSCRIPTS: Final = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_DEEPEST: Final = 10
_LARGEST_EXPONENT: Final = 12

_PI: Final = Fraction("3.14159265358979323846264338327950288")
_OFFSETS: Final = {
    **dict.fromkeys(("degC", "°C", "celsius", "Celsius"), (Fraction(1), Fraction("273.15"))),
    **dict.fromkeys(("degF", "°F", "fahrenheit", "Fahrenheit"), (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9))),
}
# What pint does not know or reads differently from the field: name → (factor, exponents of BASE_UNITS).
_NONE: Final = (0, 0, 0, 0, 0, 0, 0, 0)
_SPECIAL: Final[Mapping[str, tuple[Fraction, tuple[int, ...]]]] = {
    **dict.fromkeys(("%", "percent"), (Fraction(1, 100), _NONE)),
    "‰": (Fraction(1, 1000), _NONE),
    **dict.fromkeys(("cell", "cells", "count", "copies", "pH", "OD", "AU", "absorbance"), (Fraction(1), _NONE)),
    "mAU": (Fraction(1, 1000), _NONE),
    "LMH": (Fraction(1, 3_600_000), (0, 1, -1, 0, 0, 0, 0, 0)),
    "vvm": (Fraction(1, 60), (0, 0, -1, 0, 0, 0, 0, 0)),
    "rad": (Fraction(1), (0, 0, 0, 0, 0, 0, 0, 1)),
    "deg": (_PI / 180, (0, 0, 0, 0, 0, 0, 0, 1)),
    **dict.fromkeys(("rev", "r"), (2 * _PI, (0, 0, 0, 0, 0, 0, 0, 1))),
    "rpm": (2 * _PI / 60, (0, 0, -1, 0, 0, 0, 0, 1)),
}
_PINT_BASE: Final = {
    "kilogram": 0,
    "meter": 1,
    "second": 2,
    "ampere": 3,
    "kelvin": 4,
    "mole": 5,
    "candela": 6,
    "radian": 7,
}
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
class UnitDefinition:
    """A unit in SI base units: x [base] = ``factor`` · x [unit] + ``offset``; ``exponents`` follow BASE_UNITS."""

    factor: Fraction
    offset: Fraction
    exponents: tuple[int, ...]

    @property
    def dimension(self) -> tuple[int, ...]:
        """The exponents without rad: an angle counts as a number."""
        return self.exponents[:7]


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
    return Quantity(_exact(match["value"]), "1" + unit if unit.startswith("/") else unit, text.strip())


def _exact(number: str) -> Fraction:
    """Turn a decimal ``number`` into a fraction, refusing what a float cannot hold."""
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise StructureError(f"The number {number} is too large: the largest one is about 1.8e308.")
    return Fraction(number)


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
        raise StructureError(f"'{text}' is a {dimension_name(read_unit(quantity.unit))}, where a time is expected.")
    return quantity


def read_unit(text: str, aliases: Mapping[str, UnitDefinition] | None = None) -> UnitDefinition:
    """Return what ``text`` means; ``aliases`` define further names such as CV.

    Raises
    ------
    StructureError
        When a name is unknown or the notation cannot be read.
    """
    return _Reader(text, aliases).read() if aliases else _read_plain(text)


@lru_cache(maxsize=4096)
def _read_plain(text: str) -> UnitDefinition:
    return _Reader(text, {}).read()


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


def is_compatible(source: str, target: str) -> bool:
    """Tell whether both units are known and of one dimension."""
    try:
        return read_unit(source).dimension == read_unit(target).dimension
    except StructureError:
        return False


def dimension_name(definition: UnitDefinition) -> str:
    """Name the dimension in words where there is a word, else by its base units, as in ``kg.m-2``."""
    name = _DIMENSION_NAMES.get(definition.dimension)
    powers = zip(BASE_UNITS, definition.dimension, strict=False)
    return name or ".".join(unit if power == 1 else f"{unit}{power}" for unit, power in powers if power)


def _moles_to_mass(source: UnitDefinition, target: UnitDefinition) -> int:
    """Return the power of the molar mass [kg/mol] between two dimensions, 0 if there is none."""
    change = tuple(b - a for a, b in zip(source.dimension, target.dimension, strict=True))
    if change[0] and change[0] == -change[5] and not any(change[1:5]) and not change[6]:
        return change[0]
    return 0


def _mismatch(left: str, source: UnitDefinition, right: str, target: UnitDefinition) -> str:
    words = f"{left} is a {dimension_name(source)} and {right} a {dimension_name(target)}"
    if _moles_to_mass(source, target):
        return f"{words}: mass and amount of substance differ by a molar mass. Give a molar mass, or change one unit."
    return f"{words}: they differ in dimension."


class _Reader:
    """Recursive-descent reader of one unit string; multiplication and division bind from left to right."""

    def __init__(self, text: str, aliases: Mapping[str, UnitDefinition] | None) -> None:
        self._text = text
        self._aliases = aliases or {}
        self._tokens = [(match.lastgroup or "other", match[match.lastgroup or 0]) for match in _TOKEN.finditer(text)]
        self._at = 0
        self._depth = 0
        self._n_names = 0

    def read(self) -> UnitDefinition:
        if len(self._text) > 200:
            raise StructureError(f"The unit '{self._text[:40]}…' is too long to be one.")
        if not self._tokens:
            raise self._problem("it is empty")
        if len(self._tokens) == 1 and self._tokens[0][1] in _OFFSETS:
            factor, offset = _OFFSETS[self._tokens[0][1]]
            return UnitDefinition(factor, offset, (0, 0, 0, 0, 1, 0, 0, 0))
        factor, exponents = self._product()
        if self._at < len(self._tokens):
            raise self._problem(f"'{self._tokens[self._at][1]}' is unexpected")
        return UnitDefinition(factor, Fraction(0), exponents)

    def _problem(self, why: str) -> StructureError:
        return StructureError(f"The unit '{self._text}' cannot be read: {why}.")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _product(self) -> tuple[Fraction, tuple[int, ...]]:
        factor, exponents = self._power()
        while True:
            kind, token = self._peek()
            sign = 1
            if token in ("*", ".", "·", "⋅", "/"):
                self._at += 1
                sign = -1 if token == "/" else 1
            elif kind not in ("number", "name") and token != "(":
                return factor, exponents
            other, powers = self._power()
            factor *= other**sign
            exponents = tuple(a + sign * b for a, b in zip(exponents, powers, strict=True))

    def _power(self) -> tuple[Fraction, tuple[int, ...]]:
        factor, exponents, is_name = self._atom()
        exponent = self._exponent(is_name)
        return factor**exponent, tuple(power * exponent for power in exponents)

    def _atom(self) -> tuple[Fraction, tuple[int, ...], bool]:
        kind, token = self._peek()
        self._at += 1
        if kind == "number":
            value = _exact(token)
            if value == 0:
                raise self._problem("it contains the number 0")
            return value, _NONE, False
        if kind == "name":
            return *self._name(token), True
        if token == "(" and self._depth < _DEEPEST:
            self._depth += 1
            factor, exponents = self._product()
            if self._peek()[1] != ")":
                raise self._problem("a ')' is missing")
            self._at += 1
            self._depth -= 1
            return factor, exponents, True
        raise self._problem(f"'{token}' is unexpected" if token else "it ends too early")

    def _exponent(self, is_name: bool) -> int:
        kind, token = self._peek()
        text = ""
        if kind == "superscript":
            self._at += 1
            text = token.translate(_SUPERSCRIPTS)
        elif token in ("^", "**"):
            self._at += 1
            text = self._signed()
        elif is_name and (kind == "number" or token in ("-", "+")):
            text = self._signed()
        if not text:
            return 1
        if not re.fullmatch(r"[+-]?\d{1,2}", text) or abs(int(text)) > _LARGEST_EXPONENT:
            raise self._problem(f"the exponent '{text}' should be a small whole number")
        return int(text)

    def _signed(self) -> str:
        sign = ""
        if self._peek()[1] in ("-", "+"):
            sign = self._peek()[1]
            self._at += 1
        kind, token = self._peek()
        if kind != "number":
            raise self._problem("an exponent is missing")
        self._at += 1
        # "m3.s" is read by the tokeniser as m, 3., s: give the dot back as the product it is.
        if token.endswith("."):
            self._tokens[self._at - 1 : self._at] = [("number", token[:-1]), ("operator", ".")]
            token = token[:-1]
        return sign + token

    def _name(self, name: str) -> tuple[Fraction, tuple[int, ...]]:
        if name in self._aliases:
            alias = self._aliases[name]
            return alias.factor, alias.exponents
        if name in _OFFSETS:
            return _OFFSETS[name][0], (0, 0, 0, 0, 1, 0, 0, 0)
        if name in _SPECIAL:
            return _SPECIAL[name]
        found = _ask_pint(name)
        if found is None:
            raise self._problem(f"'{name}' is not a known unit{_nearest_unit(name, self._aliases)}")
        return found


def _nearest_unit(name: str, aliases: Mapping[str, UnitDefinition]) -> str:
    """Suggest a unit that differs only in case, which is the usual slip."""
    known = (
        *_SPECIAL,
        *_OFFSETS,
        *aliases,
        "L",
        "mL",
        "h",
        "min",
        "d",
        "s",
        "g",
        "kg",
        "mol",
        "mmol",
        "mM",
        "Pa",
        "bar",
    )
    same = [unit for unit in known if unit.lower() == name.lower().rstrip("s")]
    longer = {"hrs": "h", "hr": "h", "hour": "h", "sec": "s", "days": "d", "ltr": "L", "liter": "L", "gr": "g"}
    match = longer.get(name) or (same[0] if same else None)
    return f"; do you mean '{match}'" if match else ""


@lru_cache(maxsize=1024)
def _ask_pint(name: str) -> tuple[Fraction, tuple[int, ...]] | None:
    """Return factor and exponents of one unit name with its prefix, None when pint does not know it."""
    import pint.errors

    try:
        factor, base = _registry().get_base_units(name)
    except pint.errors.UndefinedUnitError:
        return None
    powers = [0] * len(BASE_UNITS)
    for unit, power in dict(base.unit_items() if hasattr(base, "unit_items") else base._units).items():
        if unit not in _PINT_BASE or power != int(power):
            return None
        powers[_PINT_BASE[unit]] += int(power)
    return Fraction(str(factor)), tuple(powers)


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)
