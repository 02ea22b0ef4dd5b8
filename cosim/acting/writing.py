"""One write to the plant, whole: judged, put into the audit trail, sent, read back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from cosim import audit
from cosim.acting.actions import Action, Kind
from cosim.acting.guard import HAIR, refusal
from cosim.clock import Ticks
from cosim.errors import LinkError
from cosim.live.acting import Acting, Manipulated, Mode
from cosim.live.actuator import AbstractActuator, Reading

CONFIRM: Final = 2.0
"""Seconds within which a server has to show what was written."""
_LOOK: Final = 0.1
"""Seconds between looks at whether it does."""
ADVICE: Final = "advice"
"""Why something is written that was advised."""
Record = Callable[..., object]
"""Puts something into the audit trail, as ``audit.record`` does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write: ``value`` is what the plant shows now, ``problem`` why it is not what was wanted.

    With ``is_withdrawn`` that is because somebody has rejected the advice it came from; nothing was sent then.
    """

    value: float
    problem: str | None = None
    is_withdrawn: bool = False


class Writer:
    """Writes what ``acting`` allows through ``actuator``; every attempt is told to ``tell``, and to the audit trail.

    ``record`` returns when its record is on the disk, and only then anything is sent. ``rejected`` tells why what is
    advised is not to be written any more.
    """

    def __init__(
        self,
        acting: Acting,
        actuator: AbstractActuator,
        tell: Callable[[Action], None],
        *,
        record: Record = audit.record,
        sleep: Callable[[float], None] = time.sleep,
        stopped: Callable[[], str | None] = lambda: None,
        rejected: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._acting, self._actuator, self._tell, self._record, self._sleep = acting, actuator, tell, record, sleep
        self._stopped, self._rejected = stopped, rejected

    def move(
        self,
        tag: str,
        value: float,
        why: str,
        *,
        now: Ticks,
        elapsed: Ticks,
        is_armed: bool,
        expected: float | None = None,
    ) -> Outcome:
        """Write a set-point, after ``elapsed`` of the batch's time since it last could be moved.

        ``value`` is one that the node can hold, as the actuator has told. Refused where the set-point is not at
        ``expected``, or ``stopped`` tells why nothing may be written any more.

        Raises
        ------
        AuditError, SignatureError
            When the trail cannot be written; nothing has been sent then.
        LinkError
            When it cannot be read where the set-point is.
        """
        move = self._acting.moves.get(tag)
        if move is None:
            return self._refuse(tag, value, now, "it is not among the set-points that may be moved")
        if self._acting.mode is not Mode.CONTROL or not is_armed:
            return self._refuse(tag, value, now, "control is not armed")
        reading = self._actuator.read([tag])[tag]
        present = reading.value if reading.is_usable else float("nan")
        reason = refusal(move, value, present=present, elapsed=elapsed)
        if reason is None and expected is not None and abs(present - expected) > HAIR * (move.high - move.low):
            reason = f"it is at {present:.6g} and not at {expected:.6g}, where it was left"
        if reason is not None:
            return self._refuse(tag, value, now, reason)
        return self._send(tag, value, why, now, present, move)

    def show(self, tag: str, value: float, why: str, *, now: Ticks) -> Outcome:
        """Write what is recommended for the set-point ``tag`` to its advice node; raises as ``move``."""
        move = self._acting.moves.get(tag)
        if move is None or move.advice is None:
            return self._refuse(tag, value, now, "it has no advice node")
        if self._acting.mode is Mode.MONITOR:
            return self._refuse(move.advice, value, now, "mode 'monitor' writes nothing")
        if not move.low <= value <= move.high:
            return self._refuse(move.advice, value, now, "it is outside the range that may be advised")
        value = self._actuator.fitting(move.advice, value, 0.5 * (move.low + move.high))
        reading = self._actuator.read([move.advice])[move.advice]
        return self._send(move.advice, value, why, now, reading.value, move)

    def _refuse(self, tag: str, value: float, now: Ticks, reason: str) -> Outcome:
        facts = {"wanted": _plain(value), "refused": reason}
        self._record("plant", tag, why="A write was refused.", after=facts)
        self._note(Kind.REFUSED, now, tag, f"{value:.6g} was not written to {tag}: {reason}.", facts)
        return Outcome(float("nan"), reason)

    def _send(self, tag: str, value: float, why: str, now: Ticks, present: float, move: Manipulated) -> Outcome:
        before = {"value": _plain(present), "unit": move.unit}
        self._record("plant", tag, why=why, before=before, after={"value": value, "status": "to be written"})
        try:
            self._note(Kind.INTENT, now, tag, f"{tag}: {present:.6g} → {value:.6g} {move.unit}.",
                       {"from": _plain(present), "to": value, "why": why})  # fmt: skip
            if (reason := self._stopped()) is not None:
                return self._failed(tag, value, now, reason, before, present, "not written")
            if why == ADVICE and (reason := self._rejected()) is not None:
                outcome = self._failed(tag, value, now, reason, before, present, "not written")
                return replace(outcome, is_withdrawn=True)
            self._actuator.write(tag, value)
            found = self._read_back(tag, value, move)
        except LinkError as error:
            return self._failed(tag, value, now, error.message, before, self._look(tag), "unknown")
        except KeyboardInterrupt:  # the trail tells how what it has announced ended
            self._failed(tag, value, now, "it was interrupted", before, float("nan"), "unknown")
            raise
        if not _is_same(found, value, move):
            text = f"the plant shows {found.value:.9g} {move.unit} after {value:.9g} {move.unit} was written"
            return self._failed(tag, value, now, text, before, found.value, "not written")
        self._record("plant", tag, why=why, before=before, after={"value": found.value, "status": "written"})
        self._note(Kind.WRITTEN, now, tag, f"{tag} is at {found.value:.6g} {move.unit}.", {"value": found.value})
        return Outcome(found.value)

    def _read_back(self, tag: str, sent: float, move: Manipulated) -> Reading:
        """Return what the node shows, as soon as that is what was sent, or at last."""
        for _ in range(round(CONFIRM / _LOOK)):
            found = self._actuator.read([tag])[tag]
            if _is_same(found, sent, move):
                return found
            self._sleep(_LOOK)
        return self._actuator.read([tag])[tag]

    def _look(self, tag: str) -> float:
        """Return where a set-point is whose write came to no end, NaN where nobody knows."""
        try:
            reading = self._actuator.read([tag])[tag]
        except LinkError:
            return float("nan")
        return reading.value if reading.is_usable else float("nan")

    def _failed(
        self, tag: str, value: float, now: Ticks, reason: str, before: object, found: float, status: str
    ) -> Outcome:
        facts = {"wanted": value, "value": _plain(found), "status": status, "reason": reason}
        self._record("plant", tag, why="A write was not confirmed.", before=before, after=facts)
        self._note(Kind.REFUSED, now, tag, f"{value:.6g} {tag}: {reason}", facts)
        return Outcome(found, reason)

    def _note(self, kind: Kind, now: Ticks, tag: str, text: str, facts: dict[str, Any]) -> None:
        self._tell(Action(kind, now, time.time_ns(), tag, text, facts))


def _is_same(found: Reading, sent: float, move: Manipulated) -> bool:
    return found.is_usable and abs(found.value - sent) <= HAIR * (move.high - move.low)


def _plain(value: float) -> float | None:
    """Return ``value`` as JSON can hold it."""
    return value if abs(value) < float("inf") else None
