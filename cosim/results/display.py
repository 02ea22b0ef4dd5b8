"""Numbers and units as people read them: litres, hours, 10⁶ cells per millilitre."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.errors import StructureError
from cosim.units import conversion

# What a field reads SI units in when the model states no display unit.
_NATURAL: Final = {
    "m3": "L",
    "m3/s": "L/h",
    "mol/m3": "mmol/L",
    "kg/m3": "g/L",
    "1/m3": "1e6/mL",
    "K": "degC",
    "1/s": "1/h",
    "Pa": "bar",
    "S/m": "mS/cm",
    "m/s": "cm/h",
}
_LARGER: Final = {"1/mL": "1e6/mL", "1/L": "1e6/mL"}
_PRETTY: Final = (("degC", "°C"), ("degF", "°F"), ("deg", "°"), ("1e6/", "10⁶/"), ("1e9/", "10⁹/"), ("1e12/", "10¹²/"))
_EXPONENT: Final = re.compile(r"(?<=[A-Za-z])\^?(-?\d+)")
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_THIN_SPACE: Final = "\u202f"
_PLAIN_RANGE: Final = (1e-3, 1e6)
"""Magnitudes written without a power of ten."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From a variable's own unit to the one shown: shown = ``factor`` · value + ``offset``; ``unit`` ready to print."""

    unit: str
    factor: float = 1.0
    offset: float = 0.0


def scale_for(unit: str | None, display_unit: str | None = None) -> Scale:
    """Choose how values in ``unit`` are shown: the model's display unit, else what the field uses."""
    if not unit:
        return Scale("")
    wanted = _LARGER.get(display_unit or "", display_unit or "") or _NATURAL.get(unit, unit)
    try:
        change = conversion(unit, wanted)
    except StructureError:
        return Scale(pretty_unit(unit))
    return Scale(pretty_unit(wanted), change.factor, change.offset)


def pretty_unit(unit: str) -> str:
    """Write ``m3`` as m³, ``degC`` as °C, a bare number as nothing."""
    if unit == "1":
        return ""
    for written, pretty in _PRETTY:
        if unit.startswith(written):
            unit = pretty + unit[len(written) :]
            break
    plain = unit.replace("**", "^").replace(".", "·")
    return _EXPONENT.sub(lambda found: found[1].translate(_SUPERSCRIPT), plain)


def number(value: float | None, digits: int = 4) -> str:
    """Write ``value`` with ``digits`` significant digits: ``2 008``, ``0.0679``, ``3.6 × 10¹⁶``; a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if not _PLAIN_RANGE[0] <= abs(value) < _PLAIN_RANGE[1]:
        return power_of_ten(value, min(digits, 3))
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}".replace(",", _THIN_SPACE).replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def power_of_ten(value: float, digits: int = 2) -> str:
    """Write ``2.4 × 10⁻¹⁵``."""
    mantissa, _, exponent = f"{value:.{max(digits - 1, 0)}e}".partition("e")
    return f"{mantissa.replace('-', '−')} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def amount(value: float | None, unit: str, digits: int = 4) -> str:
    """Write an amount of a ledger, volumes in litres."""
    if unit == "m3" and value is not None:
        return f"{number(value * 1000, digits)} L"
    return f"{number(value, digits)} {pretty_unit(unit)}".rstrip()


def duration(ticks: int) -> str:
    """Write a length of time in its two largest parts, without needless digits."""
    if abs(ticks) >= 60 * TICKS_PER_SECOND:
        ticks = round(ticks / TICKS_PER_SECOND) * TICKS_PER_SECOND
    return format_ticks(Ticks(ticks))


def seconds(value: float) -> str:
    """Write wall time: ``4.9 s``, ``35 ms``."""
    if value >= 60:
        return duration(round(value) * TICKS_PER_SECOND)
    return f"{number(value, 3)} s" if value >= 0.1 else f"{number(value * 1e3, 3)} ms"
