"""What a repetition of a session says differently from the session that was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cosim.shadowing.comparison import FOLDER as COMPARED
from cosim.shadowing.comparison import compared_rows, n_compared
from cosim.shadowing.estimates import FOLDER as ESTIMATED
from cosim.shadowing.estimates import estimated_rows


def cycles_of_each(recorded: Path, repeated: Path) -> tuple[int, int]:
    """Return how many cycles were compared in each of the sessions."""
    return n_compared(recorded / COMPARED), n_compared(repeated / COMPARED)


def differences(recorded: Path, repeated: Path) -> Iterator[str]:
    """Yield what a repetition said differently from the recorded session, up to where both go."""
    for was, now in zip(compared_rows(recorded / COMPARED), compared_rows(repeated / COMPARED), strict=False):
        if str(was) != str(now):  # by text, for NaN is NaN here
            yield f"cycle {was[0]}, {was[2]} at {was[3]:g} s: it was {was[4:]} and is {now[4:]}"
    for was, now in zip(estimated_rows(recorded / ESTIMATED), estimated_rows(repeated / ESTIMATED), strict=False):
        if str(was) != str(now):
            yield f"cycle {was[0]}, {was[3]} as estimated at {was[1]:g} s: it was {was[5:]} and is {now[5:]}"
