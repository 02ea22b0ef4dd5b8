"""Control of a plant's set-points: armed by somebody, held while something is wrong, handed over when that lasts.

::

    off ── arm ──► active ◄──► holding ── it lasts ──► retreating ──► handed over
                     └────────── somebody else sets, or a write is not confirmed ────┘

A set-point that control has moved is its own: whoever sets it then takes over. While it holds, set-points stay at the
last values that were written when all was well. Retreating brings those with a safe value there, no faster than their
rate. Once handed over it stays so until somebody arms a new session. Times are those that the plant has come to, not
those of the cycles, of which a backlog brings many at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cosim import audit
from cosim.acting.actions import Action, Kind
from cosim.acting.guard import HAIR, towards
from cosim.acting.writing import ADVICE, Record, Writer
from cosim.clock import Ticks
from cosim.errors import LinkError
from cosim.live.acting import Acting
from cosim.live.actuator import AbstractActuator, Reading

LEAST_HORIZON: Final = 10.0
"""Seconds that the heartbeat goes on after a sign of life, at least: a plant may be simulated faster than the wall."""
_MOST_CYCLES: Final = 3
"""Cycles that it goes on, at most: with each there is another sign of life."""


class State(Enum):
    """Where control is."""

    OFF = "off"
    ACTIVE = "active"
    HOLDING = "holding"
    RETREATING = "retreating"
    OVER = "handed over"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at the end of a cycle: ``now``, how far the plant is, and what speaks against relying on it.

    ``ended`` is why nothing may be written any more, None while it may.
    """

    now: Ticks
    latest: Ticks
    trouble: str | None = None
    ended: str | None = None


class Control:
    """Moves the set-points of ``acting`` by ``writer``, cycle by cycle of ``cycle`` ticks; nothing before ``arm``.

    ``latest`` tells how far the plant is when a write has come to its end, which may take a while.
    """

    def __init__(
        self,
        acting: Acting,
        actuator: AbstractActuator,
        writer: Writer,
        tell: Callable[[Action], None],
        *,
        cycle: Ticks,
        on_the_wall: Callable[[Ticks], float],
        latest: Callable[[], Ticks] = lambda: Ticks(0),
        record: Record = audit.record,
    ) -> None:
        self._acting, self._actuator, self._writer, self._tell = acting, actuator, writer, tell
        self._cycle, self._on_the_wall, self._ask_latest, self._record = cycle, on_the_wall, latest, record
        self._left: dict[str, float] = {}
        self._ours: set[str] = set()
        self._saved: dict[str, Ticks] = {}
        self._since = self._now = self._latest = self._counted = self._deadline = Ticks(0)
        self._has_begun, self._asked = False, math.inf
        self.state = State.OFF
        self.reason = ""

    def arm(self, why: str) -> None:
        """Let set-points be written from now on.

        Raises
        ------
        AuditError, SignatureError
            When the trail cannot be written; it is not armed then.
        """
        ranges = {tag: [move.low, move.high, move.unit] for tag, move in self._acting.moves.items()}
        self._change(State.ACTIVE, why, {"moves": ranges})

    def disarm(self, why: str) -> None:
        """Hand over at once; set-points stay as they are. Legal at any time."""
        if self.state not in (State.OFF, State.OVER):
            self._hand_over(why)

    def beat(self) -> None:
        """Tell the plant that somebody is there, unless nobody is."""
        if self._has_begun and self.state in (State.ACTIVE, State.HOLDING, State.RETREATING):
            longest = Ticks(min(self._acting.stale, _MOST_CYCLES * self._cycle))
            horizon = max(LEAST_HORIZON, self._on_the_wall(longest))
            self._asked = min(self._asked, time.monotonic())
            self._actuator.beat_until(time.monotonic() + horizon)

    def follow(self, situation: Situation, targets: Mapping[str, float]) -> None:
        """Do what the end of a cycle asks for: bring set-points nearer to ``targets``, hold, retreat, or nothing.

        Raises
        ------
        AuditError, SignatureError
            When the trail cannot be written; nothing more has been sent then.
        """
        self._now, self._latest = situation.now, situation.latest
        if situation.ended is not None:
            self.disarm(situation.ended)
        if self.state in (State.OFF, State.OVER):
            return
        is_current = 0 <= situation.latest - situation.now <= self._acting.stale
        if is_current and not self._has_begun:  # rates count from here, however often it is armed
            self._has_begun, self._counted = True, self._latest
        if not self._has_begun:
            return  # what is gone through was before it was armed
        if not is_current:
            self._hold("the data that have been gone through are older than is allowed")
            return
        try:
            found = self._actuator.read(list(self._acting.moves))
            self._go_on(situation, targets, found)
        except LinkError as error:
            self._hold(error.message.rstrip("."))

    def _go_on(self, situation: Situation, targets: Mapping[str, float], found: Mapping[str, Reading]) -> None:
        unknown = [tag for tag, reading in found.items() if not reading.is_usable]
        if unknown:
            self._hold(f"it is not known where {unknown[0]} is")
            return
        # what was never moved is not ours: a recipe may set it, or somebody else
        self._left |= {tag: reading.value for tag, reading in found.items() if tag not in self._ours}
        others = [tag for tag, reading in found.items() if self._is_another(tag, reading.value)]
        if others:
            value = found[others[0]].value
            self._hand_over(f"{others[0]} is at {value:.6g} and not at {self._left[others[0]]:.6g}, where it was left")
            return
        self.beat()
        if self.state is State.RETREATING:
            self._retreat()
        elif situation.trouble is not None:
            self._hold(situation.trouble)
        elif not self._is_heard():
            if time.monotonic() - self._asked > self._timeout:  # the first beat takes its time
                self._hold("the heartbeat is not taken")
        else:
            if self.state is State.HOLDING:
                self._change(State.ACTIVE, "all is well again")
            self._move(targets, ADVICE)

    @property
    def _timeout(self) -> float:
        return self._acting.heartbeat.timeout if self._acting.heartbeat is not None else math.inf

    def _is_heard(self) -> bool:
        """Tell whether the plant would notice if nobody were there: it misses only a heartbeat that it has heard."""
        return self._acting.heartbeat is None or time.monotonic() - self._actuator.last_beat <= self._timeout

    def _is_another(self, tag: str, value: float) -> bool:
        move = self._acting.moves[tag]
        return not abs(value - self._left[tag]) <= HAIR * (move.high - move.low)  # so that NaN is another

    def _move(self, targets: Mapping[str, float], why: str) -> bool:
        """Bring set-points nearer to ``targets``; return whether all are there.

        Time in which nothing was moved is not saved up, except where the step is too small for the type of the node.
        """
        passed = max(min(self._latest - self._counted, self._cycle), 0)
        self._counted = max(self._counted, self._latest)
        is_there = True
        for tag, target in targets.items():
            present, move = self._left[tag], self._acting.moves[tag]
            elapsed = Ticks(self._saved.pop(tag, 0) + passed)
            nearer = towards(move, target, present=present, elapsed=elapsed)
            value = self._actuator.fitting(tag, nearer, present)
            if tag not in self._ours and not move.low <= value <= move.high:
                continue  # one that is out of range, and was never ours, is left to whoever brings it there
            if self._is_another(tag, value) and not self._set(tag, value, why, elapsed):
                return False
            if self._is_another(tag, self._actuator.fitting(tag, min(max(target, move.low), move.high), present)):
                is_there = False
                if self._left[tag] == present:
                    self._saved[tag] = elapsed
        return is_there

    def _set(self, tag: str, value: float, why: str, elapsed: Ticks) -> bool:
        """Write a set-point; return False where that comes to nothing, and hand over unless it was rejected."""
        present = self._left[tag]
        outcome = self._writer.move(tag, value, why, now=self._now, elapsed=elapsed, is_armed=True, expected=present)
        self._counted = max(self._counted, self._ask_latest())
        if outcome.is_withdrawn:
            return False
        if outcome.problem is not None:
            self._hand_over(f"{tag} could not be set: {outcome.problem}")
            return False
        self._left[tag] = outcome.value
        self._ours.add(tag)
        return True

    def _hold(self, reason: str) -> None:
        """Leave set-points where they are; when that has lasted too long, retreat."""
        if self.state is State.ACTIVE:
            self._since = self._latest
            self._change(State.HOLDING, reason)
        elif self.state is State.HOLDING and self._latest - self._since > self._acting.patience:
            moves = [self._acting.moves[tag] for tag in self._ours]
            longest = max((round((move.high - move.low) / move.rate * move.per) for move in moves), default=0)
            self._deadline = Ticks(self._latest + longest + self._acting.patience)
            self._change(State.RETREATING, f"it has lasted too long: {reason}")
        elif self.state is State.RETREATING and self._latest - self._since > 2 * self._acting.patience:
            self._hand_over(f"there is no way back: {reason}", is_orderly=False)

    def _retreat(self) -> None:
        """Bring what is ours to its safe value; what somebody else has set is left to him."""
        moves = self._acting.moves
        safe = {tag: safe for tag in sorted(self._ours) if (safe := moves[tag].safe) is not None}
        if self._latest > self._deadline:
            self._hand_over("set-points do not come to their safe values", is_orderly=False)
        elif self._move(safe, "retreat to the safe value"):
            self._hand_over("set-points are at their safe values" if safe else "set-points stay as they are")

    def _hand_over(self, reason: str, *, is_orderly: bool = True) -> None:
        """End it; in order, the plant is told so and stays as it is, and else falls back when it misses the beat."""
        self._actuator.beat_until(0.0)
        self._change(State.OVER, reason)
        if is_orderly and self._has_begun:
            self._actuator.release()

    def _change(self, state: State, reason: str, facts: Mapping[str, object] | None = None) -> None:
        before, self.state, self.reason = self.state, state, reason
        after = {"state": state.value, **(facts or {})}
        try:
            self._record("plant", "control", why=reason, before={"state": before.value}, after=after)
        except BaseException:
            self.state = State.OVER  # what cannot be put into the trail is not done
            self._actuator.beat_until(0.0)
            raise
        self._tell(
            Action(Kind.STATE, self._now, time.time_ns(), "control", f"Control is {state.value}: {reason}.", after)
        )
