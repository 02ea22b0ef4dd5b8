"""A shadow joined with what it may do: who advises, who acts, and what has to be there before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cosim.acting.actions import Action, ActionLog
from cosim.acting.actor import Actor
from cosim.acting.advice import Advice
from cosim.acting.control import Control
from cosim.acting.decisions import advice_in
from cosim.acting.pulse import Pulse
from cosim.acting.writing import Writer
from cosim.errors import RequestError
from cosim.live.acting import Mode
from cosim.live.actuator import AbstractActuator
from cosim.shadowing.following import Ground
from cosim.shadowing.shadow import Plan

if TYPE_CHECKING:
    from cosim.live.opcua.actuator import Actuator


class Joint:
    """What a shadow of ``plan`` does; ``made`` makes its follower, ``look`` is to be called often.

    Without an ``actuator``, as for a session that is repeated, nothing is written, whatever the file says. ``why``
    arms control.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        actuator: AbstractActuator | None = None,
        why: str | None = None,
        advised: Callable[[Advice], None] = lambda _: None,
        acted: Callable[[Action], None] = lambda _: None,
    ) -> None:
        self._plan, self._actuator, self._why = plan, actuator, why
        self._advised, self._acted = advised, acted
        self._log: ActionLog | None = None
        self._actor: Actor | None = None
        self.pulse = Pulse(plan.tags)

    def made(self, ground: Ground) -> Actor:
        """Make the follower, and arm control."""
        from cosim.acting.advisor import advisor_of

        acting = self._plan.acting
        assert acting is not None
        log = self._log = ActionLog(ground.folder)

        def tell(action: Action) -> None:
            log.add(action)
            self._acted(action)

        writer = control = None
        if self._actuator is not None and acting.mode is not Mode.MONITOR:
            writer = Writer(acting, self._actuator, tell)
        if writer is not None and self._actuator is not None and self._why is not None:
            control = Control(
                acting, self._actuator, writer, tell, cycle=self._plan.file.cycle, on_the_wall=self.pulse.on_the_wall
            )
        self._actor = Actor(
            acting, ground.folder, tell=tell, advisor=advisor_of(self._plan, ground), writer=writer, control=control,
            pulse=self.pulse, advised=self._advised, known=max(advice_in(ground.folder), default=-1),
        )  # fmt: skip
        if control is not None and self._why is not None:
            control.arm(self._why)
        return self._actor

    def look(self) -> None:
        """Keep the heartbeat going, and look whether control is to end."""
        if self._actor is not None:
            self._actor.look()

    def close(self) -> None:
        """Hand over, and end; legal any number of times."""
        try:
            if self._actor is not None:
                self._actor.close()
        finally:
            if self._log is not None:
                self._log.close()


def actuator_of(plan: Plan) -> Actuator | None:
    """Return what can write to the plant of ``plan``, None where nothing may be written."""
    from cosim.live.opcua.actuator import Actuator

    if plan.acting is None or plan.acting.mode is Mode.MONITOR:
        return None
    heartbeat = plan.acting.heartbeat if plan.acting.mode is Mode.CONTROL else None
    return Actuator(plan.acting.ranges, heartbeat)


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
        raise RequestError("Control is not armed without a reason. Give one: --arm 'trial run 7, agreed with the shift'.")
    if mode is Mode.MONITOR:
        return
    from cosim.audit.where import find_trail

    if find_trail() is None:
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
) -> Iterator[Joint | None]:
    """Join a shadow of ``plan`` with what it may do while the block runs; None where its file says nothing of it."""
    if plan.acting is None:
        yield None
        return
    joint = Joint(plan, actuator=actuator, why=why, advised=advised, acted=acted)
    try:
        yield joint
    finally:
        joint.close()
