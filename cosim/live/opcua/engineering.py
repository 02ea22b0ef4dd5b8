"""Units and ranges as OPC UA tells them.

Source: OPC 10000-8, 5.6.3: the unit id of a unit is its code of UN/CEFACT recommendation 20, read as a number.
"""

from __future__ import annotations

from typing import Final

from asyncua import ua

_NAMESPACE: Final = "http://www.opcfoundation.org/UA/units/un/cefact"
_CODES: Final = {
    "degC": "CEL", "K": "KEL", "L": "LTR", "m3": "MTQ", "L/h": "E32", "m3/s": "MQS", "bar": "BAR", "Pa": "PAL",
    "kg": "KGM", "g": "GRM", "s": "SEC", "min": "MIN", "h": "HUR", "d": "DAY", "%": "P1", "1": "C62", "g/L": "GL",
    "kg/m3": "KMQ", "mol/m3": "C36", "mmol/L": "M33", "mol": "C34", "1/s": "C97", "rpm": "RPM", "W": "WTT", "m": "MTR",
}  # fmt: skip


def information(unit: str) -> ua.EUInformation:
    """Return what tells ``unit``; an id of -1 where the unit has no code here."""
    code = _CODES.get(unit)
    number = -1 if code is None else int.from_bytes(code.encode(), "big")
    name = "" if unit == "1" else unit
    return ua.EUInformation(_NAMESPACE, number, ua.LocalizedText(name), ua.LocalizedText(name))


def limits(low: float, high: float) -> ua.Range:
    """Return a range."""
    return ua.Range(low, high)
