"""The follower of a shadow that advises and acts: after each cycle, advice when it is due, and then control."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cosim import audit
from cosim.acting.actions import Action, Kind
from cosim.acting.advice import Advice, Verdict, in_words, to_json
from cosim.acting.control import Control, Situation, State
from cosim.acting.decisions import Decision, Decisions
from cosim.acting.pulse import Pulse
from cosim.acting.writing import ADVICE, Record, Writer
from cosim.clock import Ticks
from cosim.errors import CheckpointError, EstimationError, LinkError, StepError
from cosim.live.acting import Acting
from cosim.live.cycle import Cycle
from cosim.live.quality import Quality
from cosim.shadowing.following import AbstractFollower, Compared
from cosim.shadowing.outlook import Health

DISARM: Final = "disarm"
"""A file of this name in the folder of a session ends its control."""


def stopped(folder: Path) -> str | None:
    """Return why control of the session in ``folder`` is to end, None where nobody wants that."""
    return f"there is a file '{DISARM}'" if (folder / DISARM).exists() else None


class AbstractAdvisor(ABC):
    """Gives advice when it is due."""

    @abstractmethod
    def follow(self, compared: Compared) -> None:
        """Take in a cycle."""

    @abstractmethod
    def advise(self, compared: Compared, pulse: Callable[[], None]) -> Advice | None:
        """Return advice after a cycle, None where none is due; calls ``pulse`` while it thinks."""

    @abstractmethod
    def renew(self) -> None:
        """Let advice be due, however long ago the last was given."""

    @abstractmethod
    def close(self) -> None:
        """End what it thinks with; legal any number of times."""


class Actor(AbstractFollower):
    """Advises by ``advisor`` and acts by ``writer`` and ``control``, each None where a session does not.

    ``tell`` keeps what is done, ``advised`` hears advice, ``decided`` what people say to it. Advice is given when it is
    due and data are no older than is allowed, or else after the cycles that ``when`` tells: those of the session that
    is repeated. What was advised before this process began is not followed, nor what is older than ``lasts``.
    ``stopped`` tells why control is to end.
    """

    def __init__(
        self,
        acting: Acting,
        folder: Path,
        *,
        tell: Callable[[Action], None],
        advisor: AbstractAdvisor | None = None,
        writer: Writer | None = None,
        control: Control | None = None,
        pulse: Pulse | None = None,
        advised: Callable[[Advice], None] = lambda _: None,
        decided: Callable[[Decision], None] = lambda _: None,
        when: Callable[[Cycle], bool] | None = None,
        stopped: Callable[[], str | None] | None = None,
        record: Record = audit.record,
        lasts: Ticks | None = None,
    ) -> None:
        self._acting, self._folder, self._tell, self._advisor = acting, folder, tell, advisor
        self._writer, self._control, self._pulse = writer, control, pulse
        self._advised, self._record = advised, record
        self._when, self._lasts = when, lasts
        self._stopped = stopped or (lambda: self._pulse.ended if self._pulse is not None else None)
        self._advice: Advice | None = None
        self._doubt: str | None = None
        self._now = Ticks(0)
        self._decided, self._decisions = decided, Decisions(folder)
        self._decisions.look()

    def follow(self, compared: Compared) -> None:  # noqa: D102
        self._now = compared.cycle.end
        if self._advisor is not None:
            self._advisor.follow(compared)
            if self._may_advise(compared.cycle, self._advisor):
                self._ask(compared, self._advisor)
        if self._control is not None and self._pulse is not None:
            self.look()
            now = compared.cycle.end
            situation = Situation(now, self._pulse.latest, self._trouble(compared), self._pulse.ended)
            self._control.follow(situation, self._targets(now))

    def settle(self) -> None:  # noqa: D102
        pass

    def look(self) -> None:
        """Look whether somebody has decided on advice or wants control to end, or the batch has ended."""
        self._hear()
        if self._control is not None and self._control.state not in (State.OFF, State.OVER):
            if (reason := self._stopped()) is not None:
                self._control.disarm(reason)

    def leave(self) -> None:
        """Hand over while the plant can still be told."""
        if self._control is not None:
            self._control.disarm("the shadow ends")

    def _think(self) -> None:
        """Tell the plant, while advice is being found, that somebody is there who knows how it is."""
        self.look()
        if self._control is not None and self._pulse is not None and self._pulse.ended is None:
            if not 0 <= self._pulse.latest - self._now <= self._acting.stale:
                return
            self._control.beat()

    def close(self) -> None:
        """Hand over; legal any number of times."""
        self.leave()
        if self._advisor is not None:
            self._advisor.close()

    def _ask(self, compared: Compared, advisor: AbstractAdvisor) -> None:
        """Take advice where it is due; a look ahead that fails leaves what was advised before."""
        doubt = self._trouble(compared)  # of what it is found on, however long the search takes
        try:
            advice = advisor.advise(compared, self._think)
        except (CheckpointError, EstimationError, StepError) as error:
            text = f"No advice could be found: {error.message}"
            end = compared.cycle.end
            self._tell(Action(Kind.REFUSED, end, time.time_ns(), str(compared.cycle.number), text, {}))
            return
        if advice is not None:
            self._take(advice, doubt)

    def _take(self, advice: Advice, doubt: str | None) -> None:
        """Keep advice, show it to people and at the advice nodes of the plant; with a ``doubt`` it is for people."""
        self._advice, self._doubt = advice, doubt
        number, said = str(advice.number), in_words(advice)
        self._record("advice", f"{self._folder.name}/{number}", before={}, after={"advice": said})
        self._tell(Action(Kind.ADVICE, advice.time, time.time_ns(), number, said, to_json(advice)))
        self._advised(advice)
        if self._control is not None and doubt is not None:
            text = f"Advice {number} is not followed, as it was found while {doubt}."
            self._tell(Action(Kind.REFUSED, advice.time, time.time_ns(), number, text, {}))
        if self._writer is None or not self._is_current(advice.time):
            return
        for move in advice.moves:
            if self._acting.moves[move.tag].advice is not None:
                value = advice.targets.get(move.tag, move.now)
                self._show(move.tag, value, advice.time)

    def _show(self, tag: str, value: float, now: Ticks) -> None:
        assert self._writer is not None
        move = self._acting.moves[tag]
        try:
            self._writer.show(tag, min(max(value, move.low), move.high), ADVICE, now=now)
        except LinkError as error:
            text = f"The advice for {tag} was not shown: {error.message}"
            self._tell(Action(Kind.REFUSED, now, time.time_ns(), tag, text, {}))

    def _may_advise(self, cycle: Cycle, advisor: AbstractAdvisor) -> bool:
        if self._when is None:
            return self._is_current(cycle.end)
        advisor.renew()  # it was due then: a shadow that had been interrupted looked for it anew
        return self._when(cycle)

    def _is_current(self, time: Ticks) -> bool:
        """Tell whether the plant is not much farther; what is read from the store before it is heard of is old."""
        return self._pulse is None or 0 <= self._pulse.latest - time <= self._acting.stale

    def _targets(self, now: Ticks) -> Mapping[str, float]:
        """Return where set-points should come to: what is advised, unless it was rejected or may not be relied on."""
        if self._advice is None or self._doubt is not None or now < self._advice.time:
            return {}
        if self._lasts is not None and now - self._advice.time > self._lasts:
            return {}
        return {} if self.rejected() is not None else self._advice.targets_at(now)

    def rejected(self) -> str | None:
        """Return who has rejected the advice that is followed, None where nobody has."""
        self._hear()
        decision = self._decisions.found.get(self._advice.number) if self._advice is not None else None
        if decision is None or decision.verdict is not Verdict.REJECTED:
            return None
        return f"advice {decision.number} was rejected by {decision.by}"

    def _hear(self) -> None:
        """Take in what people have decided, in whatever process."""
        for decision in self._decisions.look():
            self._decided(decision)

    def _trouble(self, compared: Compared) -> str | None:
        """Return what speaks against moving anything now."""
        values = compared.cycle.values
        missing = [tag for tag in self._acting.needs if tag not in values or values[tag].quality is Quality.MISSING]
        if missing:
            return f"{missing[0]} is missing"
        behind = max(self._pulse.latest - compared.cycle.end, 0) if self._pulse is not None else 0
        oldest = self._acting.stale - behind
        bad = [tag for tag in self._acting.needs if values[tag].is_held or values[tag].age > oldest]
        if bad:
            return f"{bad[0]} is {'bad' if values[bad[0]].is_held else 'older than is allowed'}"
        outlook = compared.outlook
        if outlook is not None and outlook.health is not Health.GOOD:  # an uncertain one is not to be acted on alone
            return f"the estimate is {outlook.health.value}: {outlook.reason.rstrip('.')}"
        return None
