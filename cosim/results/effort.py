"""What a run took besides the steps of its components, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOST_DECIDING: Final = 5
"""Outputs named of those whose error decided the step size."""
_WORDS: Final = {
    "repeated": ("step taken again", "steps taken again"),
    "rejected": ("step rejected", "steps rejected"),
    "iterations": ("iteration", "iterations"),
    "located": ("event located", "events located"),
}


def effort_lines(effort: Mapping[str, Any]) -> list[str]:
    """Return sentences on repeated work, and on what decided the step size; none where there is nothing to say."""
    lines = []
    if effort.get("compiled"):
        lines.append(f"in C code: {share(effort['compiled'], effort['windows'])} of {effort['windows']} steps")
    counts = [(int(effort.get(name, 0)), words) for name, words in _WORDS.items()]
    found = [f"{n} {words[n != 1]}" for n, words in counts if n]
    if found:
        lines.append(f"besides: {', '.join(found)}")
    deciding: Mapping[str, int] = effort.get("deciding", {})
    if deciding:
        ranked = sorted(deciding.items(), key=lambda pair: -pair[1])
        total = sum(deciding.values())
        shown = [f"{name} {share(n, total)}" for name, n in ranked[:MOST_DECIDING]]
        more = f", {len(ranked) - MOST_DECIDING} more" if len(ranked) > MOST_DECIDING else ""
        lines.append(f"step size decided by: {', '.join(shown)}{more}")
    return lines


def share(part: float, whole: float) -> str:
    """Write ``part`` of ``whole`` in percent."""
    return f"{100.0 * part / whole:.1f} %" if whole else "–"


def time(seconds: float) -> str:
    """Write a time in s, ms or µs."""
    if seconds >= 0.9995:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 9.995e-4 else f"{seconds * 1e6:.1f} µs"
