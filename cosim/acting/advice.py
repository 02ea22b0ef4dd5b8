"""Advice: what a twin recommends at one time, what that is expected to bring, and what people have decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from cosim.clock import Ticks, format_ticks


class Verdict(Enum):
    """What became of advice."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Move:
    """One set-point: what it is and what is recommended ``to`` be now, and ``later``, in ``unit``."""

    tag: str
    unit: str
    now: float
    to: float
    later: float
    low: float
    high: float

    @property
    def is_change(self) -> bool:
        """True when the recommendation is to move it now."""
        return self.differs(self.to)

    def differs(self, value: float) -> bool:
        """Tell whether ``value`` is another than the set-point has now."""
        return abs(value - self.now) > 1e-9 * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Gain:
    """What following advice brings over going on as now, by the members of what is believed, in the unit of worth.

    ``confidence`` is the share of members that gain, None where there is one member only.
    """

    mean: float
    low: float
    high: float
    relative: float
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice given at ``time`` of the batch, after cycle ``number``, which is its name too.

    ``switch`` is when the moves' later values begin, ``harvest`` when the batch had best end. ``worth`` is what is
    expected with it, ``worth_as_now`` without; ``risk`` the share of members that leave a limit with it,
    ``risk_as_now`` without. ``is_worthwhile`` is False where it is better to go on as now, and ``why`` says so.
    """

    number: int
    time: Ticks
    moves: tuple[Move, ...]
    switch: Ticks
    harvest: Ticks
    worth: float
    worth_as_now: float
    gain: Gain
    risk: float
    risk_as_now: float
    is_worthwhile: bool
    why: str
    n_forecasts: int

    @property
    def targets(self) -> Mapping[str, float]:
        """Return what the set-points should come to now, by tag; nothing where it is better to go on as now."""
        return self.targets_at(self.time)

    def targets_at(self, time: Ticks) -> Mapping[str, float]:
        """Return what they should have come to at ``time`` of the batch, if no other advice is given."""
        if not self.is_worthwhile:
            return {}
        if time < self.switch:
            return {move.tag: move.to for move in self.moves if move.is_change}
        return {move.tag: move.later for move in self.moves if move.is_change or move.differs(move.later)}


def to_json(advice: Advice) -> dict[str, Any]:
    """Return ``advice`` as JSON can hold it."""
    return asdict(advice)


def from_json(told: Mapping[str, Any]) -> Advice:
    """Return what ``to_json`` has told.

    Raises
    ------
    KeyError, TypeError
        When it is something else.
    """
    structured = {"moves": tuple(Move(**item) for item in told["moves"]), "gain": Gain(**told["gain"])}
    times = {key: Ticks(told[key]) for key in ("time", "switch", "harvest")}
    return Advice(**{**told, **structured, **times})


def in_words(advice: Advice) -> str:
    """Return ``advice`` as a line for people."""
    if not advice.is_worthwhile:
        return f"Go on as now: {advice.why}."
    when = format_ticks(advice.switch)
    moves = ", ".join(
        f"{move.tag} {move.now:.4g} → {move.to:.4g} {move.unit} (from {when} on {move.later:.4g})"
        for move in advice.moves
    )
    sure = f", {advice.gain.confidence:.0%} sure" if advice.gain.confidence is not None else ""
    return f"{moves}: {advice.gain.relative:+.1%} expected{sure}."
