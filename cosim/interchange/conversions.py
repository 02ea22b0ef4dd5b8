"""Whether a factor and an offset are what two units make of a value."""

from __future__ import annotations

from typing import Final

from cosim.units import conversion

_ROUND_OFF: Final = 1e-12


def is_conversion(factor: float, offset: float, source: str | None, target: str | None) -> bool:
    """Tell whether target = ``factor`` · source + ``offset`` follows from the units; None: not stated.

    Raises
    ------
    StructureError
        When a unit is unknown or the dimensions differ.
    """
    found = conversion(source, target)
    scale = max(abs(found.offset), 1.0)
    return abs(found.factor - factor) <= _ROUND_OFF * abs(found.factor) and abs(found.offset - offset) <= (
        _ROUND_OFF * scale
    )
