"""Unit strings → factor, offset and exponents of SI base units, by a parser of our own.

It reads FMI's and Modelica's notation (``mol/m3``, ``1e9/L``, ``g/(L.h)``, ``kg.m-3``) and what people write (``m^3``,
``m³``, ``1e6 cells/mL``); what a single name such as ``bar`` means is asked of pint, in exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from cosim.errors import StructureError

if TYPE_CHECKING:
    import pint

BASE_UNITS: Final = ("kg", "m", "s", "A", "K", "mol", "cd", "rad")
"""FMI's base units, in the order of :attr:`UnitDefinition.exponents`."""

NUMBER: Final = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3}(?!\d))?"
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>{NUMBER})|(?P<name>[A-Za-zµμΩ°Å%‰]+(?:_[A-Za-z0-9]+)*)|(?P<operator>\*\*|[-+*/.·⋅()^])"
    r"|(?P<superscript>[⁺⁻⁰¹²³⁴-⁹]+)|(?P<other>\S))"
)
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
    "Ohm": (Fraction(1), (1, 2, -3, -2, 0, 0, 0, 0)),
}
# What nearly every scenario writes, so that pint (0.3 s to load) need not be asked; a test compares the two.
_COMMON: Final[Mapping[str, tuple[Fraction, tuple[int, ...]]]] = {
    "kg": (Fraction(1), (1, 0, 0, 0, 0, 0, 0, 0)),
    "g": (Fraction(1, 10**3), (1, 0, 0, 0, 0, 0, 0, 0)),
    "mg": (Fraction(1, 10**6), (1, 0, 0, 0, 0, 0, 0, 0)),
    "m": (Fraction(1), (0, 1, 0, 0, 0, 0, 0, 0)),
    "L": (Fraction(1, 10**3), (0, 3, 0, 0, 0, 0, 0, 0)),
    "mL": (Fraction(1, 10**6), (0, 3, 0, 0, 0, 0, 0, 0)),
    "s": (Fraction(1), (0, 0, 1, 0, 0, 0, 0, 0)),
    "min": (Fraction(60), (0, 0, 1, 0, 0, 0, 0, 0)),
    "h": (Fraction(3600), (0, 0, 1, 0, 0, 0, 0, 0)),
    "d": (Fraction(86400), (0, 0, 1, 0, 0, 0, 0, 0)),
    "K": (Fraction(1), (0, 0, 0, 0, 1, 0, 0, 0)),
    "mol": (Fraction(1), (0, 0, 0, 0, 0, 1, 0, 0)),
    "mmol": (Fraction(1, 10**3), (0, 0, 0, 0, 0, 1, 0, 0)),
    "mM": (Fraction(1), (0, -3, 0, 0, 0, 1, 0, 0)),
    "Pa": (Fraction(1), (1, -1, -2, 0, 0, 0, 0, 0)),
    "bar": (Fraction(10**5), (1, -1, -2, 0, 0, 0, 0, 0)),
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


def read_unit(text: str, aliases: Mapping[str, UnitDefinition] | None = None) -> UnitDefinition:
    """Return what ``text`` means; ``aliases`` define further names such as CV.

    Raises
    ------
    StructureError
        When a name is unknown or the notation cannot be read.
    """
    return _Reader(text, aliases).read() if aliases else _read_plain(text)


def is_everyday_unit(name: str) -> bool:
    """Tell whether ``name`` is a unit so common that no scenario should give it another meaning."""
    return name in _SPECIAL or name in _OFFSETS or name in _COMMON


@lru_cache(maxsize=4096)
def _read_plain(text: str) -> UnitDefinition:
    return _Reader(text, {}).read()


def exact_number(number: str) -> Fraction:
    """Turn a decimal ``number`` into a fraction, refusing what a float cannot hold."""
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise StructureError(f"The number {number} is too large: the largest one is about 1.8e308.")
    return Fraction(number)


class _Reader:
    """Recursive-descent reader of one unit string; multiplication and division bind from left to right."""

    def __init__(self, text: str, aliases: Mapping[str, UnitDefinition] | None) -> None:
        self._text = text
        self._aliases = aliases or {}
        self._tokens = [(match.lastgroup or "other", match[match.lastgroup or 0]) for match in _TOKEN.finditer(text)]
        self._at = 0
        self._depth = 0

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
            value = exact_number(token)
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
        found = _SPECIAL.get(name) or _COMMON.get(name) or _ask_pint(name)
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
    except (pint.errors.UndefinedUnitError, ValueError):  # ValueError: "nan" is a number to pint
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
