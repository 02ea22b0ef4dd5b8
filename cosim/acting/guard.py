"""Which value a set-point may be given next: within its range, and no farther than its rate allows."""

from __future__ import annotations

import math
from typing import Final

from cosim.clock import Ticks
from cosim.live.acting import Manipulated

HAIR: Final = 1e-9
"""By which share of its range a step may be too large, for rounding."""


def step_of(move: Manipulated, elapsed: Ticks) -> float:
    """Return by how much ``move`` may change after ``elapsed`` of the batch's time, in its unit."""
    return move.rate * (elapsed / move.per)


def refusal(move: Manipulated, value: float, *, present: float, elapsed: Ticks) -> str | None:
    """Return why ``value`` must not be written where the set-point is at ``present``; None where it may."""
    if not math.isfinite(value):
        return f"{value} is no number that can be written"
    if not move.low <= value <= move.high:
        return f"{value:.9g} {move.unit} is outside the range of {move.low:g} to {move.high:g} {move.unit}"
    if not math.isfinite(present):
        return "it is not known where the set-point is"
    step = step_of(move, elapsed)
    if abs(value - present) > step + HAIR * (move.high - move.low):
        return f"a step of {abs(value - present):.9g} {move.unit} is more than the {step:.9g} {move.unit} of its rate"
    return None


def towards(move: Manipulated, target: float, *, present: float, elapsed: Ticks) -> float:
    """Return the value on the way from ``present`` to ``target`` that range and rate allow next."""
    step = step_of(move, elapsed)
    wanted = min(max(target, move.low), move.high)
    return min(max(wanted, present - step), present + step)
