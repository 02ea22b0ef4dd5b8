"""Simulated time in integer nanosecond ticks.

Floating-point seconds exist only at an FMI call and in recorded arrays; sums of ticks are exact, so two phases that
should meet do meet.
"""

from typing import Final, NewType

Ticks = NewType("Ticks", int)
"""A point in time or a duration, in nanoseconds."""

TICKS_PER_SECOND: Final = 1_000_000_000

_PARTS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))  # [s] per unit, largest first


def to_ticks(seconds: float) -> Ticks:
    """Round ``seconds`` [s] to the nearest tick."""
    return Ticks(round(seconds * TICKS_PER_SECOND))


def to_seconds(ticks: Ticks) -> float:
    """Return ``ticks`` as the nearest float [s]; exact to the tick up to 104 days (2**53 ns)."""
    return ticks / TICKS_PER_SECOND


def format_ticks(ticks: Ticks) -> str:
    """Write a duration for people: ``'71 h 58 min'``, ``'13 d 4 h'``, ``'2.5 s'`` (two largest parts)."""
    whole, rest = divmod(abs(ticks), TICKS_PER_SECOND)
    parts: list[tuple[int, str]] = []
    for name, size in _PARTS:
        count, whole = divmod(whole, size)
        if count or parts:
            parts.append((count, name))
    sign = "-" if ticks < 0 else ""
    if not parts:
        return f"{sign}{whole + rest / TICKS_PER_SECOND:.6g} s"
    parts.append((whole, "s"))
    return sign + " ".join(f"{count} {name}" for count, name in parts[:2] if count)
