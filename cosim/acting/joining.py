"""A shadow joined with what it may do: who advises, who acts, and what has to be there before anything is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cosim import audit
from cosim.acting.actions import Action, ActionLog, Kind, unfinished_in
from cosim.acting.actor import Actor, stopped
from cosim.acting.advice import Advice
from cosim.acting.advisor import advisor_of
from cosim.acting.control import Control
from cosim.acting.decisions import Decision, advice_in
from cosim.acting.pulse import Pulse
from cosim.acting.sole import sole_control
from cosim.acting.writing import Record, Writer
from cosim.clock import Ticks
from cosim.errors import RequestError
from cosim.live.acting import Acting, Mode
from cosim.live.actuator import AbstractActuator
from cosim.live.cycle import Cycle
from cosim.shadowing.following import FollowerMaker, Ground
from cosim.shadowing.shadow import Plan

if TYPE_CHECKING:
    from cosim.live.opcua.actuator import Actuator


class Joint:
    """What a shadow of ``plan`` does; ``made`` makes its follower, ``look`` is to be called often.

    Without an ``actuator``, as for a session that is repeated, nothing is written, whatever the file says. ``why``
    arms control; without it, a twin that may control advises. Once ``should_stop``, nothing more is written. A session
    that is repeated is in the folder ``recorded``, and nothing of it goes into the audit trail.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        actuator: AbstractActuator | None = None,
        why: str | None = None,
        advised: Callable[[Advice], None] = lambda _: None,
        acted: Callable[[Action], None] = lambda _: None,
        decided: Callable[[Decision], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        recorded: Path | None = None,
    ) -> None:
        self._plan, self._actuator, self._why, self._recorded = plan, actuator, why, recorded
        record = partial(audit.record, beside=plan.file.path.parent)
        self._record: Record = record if recorded is None else lambda *_, **__: None
        self._advised, self._acted, self._decided = advised, acted, decided
        self._should_stop = should_stop
        self._log: ActionLog | None = None
        self._actor: Actor | None = None
        self.pulse = Pulse(plan.tags, plan.file.cycle)

    def made(self, ground: Ground) -> Actor:
        """Make the follower, and arm control."""
        acting = _allowed(self._plan, self._why)
        assert acting is not None
        before = advice_in(ground.folder)
        given = before[max(before)] if before else None
        unfinished = unfinished_in(ground.folder)
        log = self._log = ActionLog(ground.folder)

        def tell(action: Action) -> None:
            log.add(action)
            self._acted(action)

        for action in unfinished:
            self._record("plant", action.subject, why="A write was interrupted.", after={"status": "unknown"})
            tell(_interrupted(action))

        def stop() -> str | None:
            return self.pulse.ended or stopped(ground.folder) or self._wish()

        writer = control = None
        if self._actuator is not None and acting.mode is not Mode.MONITOR:
            writer = Writer(
                acting, self._actuator, tell, record=self._record, stopped=stop,
                rejected=lambda: self._actor.rejected() if self._actor is not None else None,
            )  # fmt: skip
        if writer is not None and self._actuator is not None and acting.mode is Mode.CONTROL:
            control = Control(
                acting, self._actuator, writer, tell, cycle=self._plan.file.cycle, on_the_wall=self.pulse.on_the_wall,
                latest=lambda: self.pulse.latest, record=self._record,
            )  # fmt: skip
        self._actor = Actor(
            acting, ground.folder, tell=tell, writer=writer, advisor=advisor_of(self._plan, ground, given),
            control=control, pulse=self.pulse, advised=self._advised, decided=self._decided, record=self._record,
            when=self._when(), stopped=stop, lasts=self._lasts,
        )  # fmt: skip
        if given is not None:
            tell(_not_followed(given, ground))
        if control is not None and self._why is not None:
            control.arm(self._why)
        return self._actor

    def _wish(self) -> str | None:
        return "somebody wants the shadow to end" if self._should_stop() else None

    @property
    def _lasts(self) -> Ticks | None:
        """How long advice is followed: until the one after the next is due."""
        return Ticks(2 * self._plan.advising.every) if self._plan.advising is not None else None

    def _when(self) -> Callable[[Cycle], bool] | None:
        if self._recorded is None:
            return None
        given = advice_in(self._recorded)
        return lambda cycle: cycle.number in given

    @property
    def makers(self) -> list[FollowerMaker]:
        """What makes the follower, none where the file says nothing of acting."""
        return [self.made] if self._plan.acting is not None else []

    def look(self) -> None:
        """Look whether somebody has decided on advice, or wants control to end."""
        if self._actor is not None:
            self._actor.look()

    def leave(self) -> None:
        """Hand over while the link stands; legal any number of times."""
        if self._actor is not None:
            self._actor.leave()

    def close(self) -> None:
        """Hand over, and end; legal any number of times."""
        try:
            if self._actor is not None:
                self._actor.close()
        finally:
            if self._log is not None:
                self._log.close()


def _interrupted(action: Action) -> Action:
    text = f"{action.text} The shadow was killed before it could tell whether {action.subject} was set so."
    return Action(Kind.REFUSED, action.time, time.time_ns(), action.subject, text, {"status": "unknown"})


def _not_followed(given: Advice, ground: Ground) -> Action:
    text = (
        f"Advice {given.number} was given before the shadow was interrupted, so it is not followed: advice is looked "
        "for anew as soon as data are current."
    )
    return Action(Kind.REFUSED, ground.begins, time.time_ns(), str(given.number), text, {})


def _allowed(plan: Plan, why: str | None) -> Acting | None:
    """Return what may be done: control that nobody has armed is advice."""
    if plan.acting is not None and plan.acting.mode is Mode.CONTROL and why is None:
        return replace(plan.acting, mode=Mode.ADVISE)
    return plan.acting


def actuator_of(plan: Plan, why: str | None) -> Actuator | None:
    """Return what can write to the plant of ``plan`` when ``why`` arms it, None where nothing may be written."""
    from cosim.live.opcua.actuator import Actuator

    acting = _allowed(plan, why)
    if acting is None or acting.mode is Mode.MONITOR:
        return None
    advised = [move.advice for move in acting.moves.values() if move.advice is not None]
    return Actuator(acting.ranges, acting.heartbeat if acting.mode is Mode.CONTROL else None, advised)


def check_armed(plan: Plan, why: str | None) -> None:
    """Make sure that what is asked for can be done.

    Raises
    ------
    RequestError
        When control is armed that the file does not want, or there is no audit trail for what would be written.
    """
    mode = plan.acting.mode if plan.acting is not None else Mode.MONITOR
    if why is not None and mode is not Mode.CONTROL:
        raise RequestError(
            f"Control cannot be armed: the mode of '{plan.file.path}' is '{mode.value}'. Write 'mode: control' below "
            "'act' as well."
        )
    if why is not None and not why.strip():
        raise RequestError(
            "Control is not armed without a reason. Give one: --arm 'trial run 7, agreed with the shift'."
        )
    if mode is Mode.MONITOR:
        return
    from cosim.audit.where import find_trail

    if (find_trail(plan.file.path.parent) or find_trail()) is None:
        raise RequestError(
            f"In mode '{mode.value}' every write is put into the audit trail first, and there is none here. Begin one "
            "with 'cosim audit init audit'."
        )


@contextmanager
def joined(
    plan: Plan,
    actuator: AbstractActuator | None,
    why: str | None = None,
    advised: Callable[[Advice], None] = lambda _: None,
    acted: Callable[[Action], None] = lambda _: None,
    recorded: Path | None = None,
    *,
    decided: Callable[[Decision], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    plant: str | None = None,
) -> Iterator[Joint]:
    """Join a shadow of ``plan`` with what it may do while the block runs.

    Raises
    ------
    RequestError
        When it is to be armed, and another twin is armed for the same set-points of ``plant``, a URL.
    """
    with ExitStack() as stack:
        if why is not None and plant is not None:
            stack.enter_context(sole_control(plan, plant))
        joint = Joint(
            plan, actuator=actuator, why=why, advised=advised, acted=acted, decided=decided, should_stop=should_stop,
            recorded=recorded,
        )  # fmt: skip
        stack.callback(joint.close)
        yield joint
