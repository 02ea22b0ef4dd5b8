"""How an instance gets from one communication point to the next: by its own solver, or by ours."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Final

from cosim.fmu.calls import AbstractCalls, StepReport
from cosim.fmu.clocks import Clocks

MOST_ROUNDS: Final = 100
"""Event iterations at one instant before an event counts as one that never settles."""
MOST_EVENTS: Final = 10_000
"""Events within one communication step before they count as chattering."""


class StepFailed(Exception):
    """A step that could not be completed though no FMI function failed; ``what`` was done when, ``why`` it failed."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


@dataclass(frozen=True, slots=True)
class DiscreteUpdate:
    """What an FMU says after one round of event iteration; the next time event in [s], infinite if there is none."""

    needs_more: bool
    is_terminated: bool
    nominals_changed: bool
    states_changed: bool
    next_event: float
    had_more: bool = False
    """True when it took more than one round."""


class AbstractEvents(ABC):
    """The functions around FMI's Event Mode; every method raises CallRefused for a status above Warning."""

    update_name: str
    """FMI name of the function behind ``update``."""

    @abstractmethod
    def enter(self) -> None:
        """Enter Event Mode."""

    @abstractmethod
    def update(self) -> DiscreteUpdate:
        """Do one round of event iteration."""

    @abstractmethod
    def leave(self) -> None:
        """Go on to Continuous-Time Mode or Step Mode."""


class AbstractStepper(ABC):
    """Steps an initialised instance; methods raise CallRefused or :class:`StepFailed`."""

    @abstractmethod
    def begin(self, time: float, tolerance: float | None) -> None:
        """Do what remains after initialisation at ``time`` [s]."""

    @abstractmethod
    def before_write(self, *, is_continuous: bool = False) -> None:
        """Get ready for variables to change at the current communication point, which may all be continuous inputs."""

    @abstractmethod
    def step(self, time: float, size: float) -> StepReport | None:
        """Step from ``time`` by ``size`` [s]; None when the whole step was done and nothing is to be reported."""

    @abstractmethod
    def snapshot(self) -> object:
        """Return what has to be known besides the FMU's own state to go back here."""

    @abstractmethod
    def restore(self, snapshot: object) -> None:
        """Take note that the FMU is back at ``snapshot``."""

    @abstractmethod
    def close(self) -> None:
        """Release what is held besides the FMU."""


class DirectStepper(AbstractStepper):
    """Co-Simulation without Event Mode: the FMU does everything."""

    def __init__(self, calls: AbstractCalls) -> None:
        self._calls = calls

    def begin(self, time: float, tolerance: float | None) -> None:
        pass

    def before_write(self, *, is_continuous: bool = False) -> None:
        pass

    def step(self, time: float, size: float) -> StepReport | None:
        return self._calls.step(time, size)

    def snapshot(self) -> object:
        return None

    def restore(self, snapshot: object) -> None:
        pass

    def close(self) -> None:
        pass


class EventStepper(AbstractStepper):
    """Co-Simulation with Event Mode (FMI 3.0.1, 4.2): events are handled where the FMU returns early for them."""

    def __init__(self, calls: AbstractCalls, events: AbstractEvents, clocks: Clocks | None = None) -> None:
        self._calls, self._events, self._clocks = calls, events, clocks
        self._is_event_mode = True
        self._is_due = False
        self._is_terminated = False
        self._next_event = math.inf

    def begin(self, time: float, tolerance: float | None) -> None:
        self._is_event_mode = True
        self._is_terminated = False
        self._settle(time)

    def before_write(self, *, is_continuous: bool = False) -> None:
        if is_continuous and not self._is_event_mode:
            return  # allowed in Step Mode
        if not self._is_event_mode:
            self._events.enter()
            self._is_event_mode = True
        self._is_due = True

    def step(self, time: float, size: float) -> StepReport | None:
        if self._next_event <= time:
            self.before_write()
        if self._is_due:
            self._settle(time)
        now, end = time, round((time + size) * 1e9) / 1e9  # as clocks and communication points are
        for _ in range(MOST_EVENTS):
            if self._is_terminated:
                return StepReport(now, is_early=True, is_terminated=True)
            if now >= end:
                return None
            report = self._step_to_event(now, end, size if now == time else end - now)
            if report.is_terminated or not now <= report.time <= end:
                return report
            now = report.time
        raise StepFailed(
            f"step at {now:.9g} s", f"there were {MOST_EVENTS} events since {time:.9g} s, so that the model chatters."
        )

    def _step_to_event(self, now: float, end: float, rest: float) -> StepReport:
        if self._is_event_mode:
            self._events.leave()
            self._is_event_mode = False
        stop = min(end, self._next_event)
        report = self._calls.step(now, rest if stop == end else stop - now) or StepReport(
            stop, is_early=False, is_terminated=False
        )
        is_due = report.needs_event or report.time >= self._next_event
        if is_due and not report.is_terminated and math.isfinite(report.time):
            self.before_write()
            self._settle(report.time)
        return report

    def snapshot(self) -> object:
        clocks = self._clocks.snapshot() if self._clocks is not None else None
        return self._is_event_mode, self._is_due, self._is_terminated, self._next_event, clocks

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, tuple)
        self._is_event_mode, self._is_due, self._is_terminated, self._next_event, clocks = snapshot
        if self._clocks is not None:
            self._clocks.restore(clocks)

    def close(self) -> None:
        pass

    def _settle(self, time: float) -> None:
        update = settle(self._events, time, self._clocks)
        self._is_due = False
        self._is_terminated = update.is_terminated
        self._next_event = update.next_event


def settle(events: AbstractEvents, time: float, clocks: Clocks | None) -> DiscreteUpdate:
    """Iterate in Event Mode until nothing changes and no clock ticks; return all that happened in the rounds.

    Raises
    ------
    StepFailed
        When it does not end.
    """
    nominals_changed = states_changed = False
    for number in range(MOST_ROUNDS):
        if clocks is not None:
            clocks.tick(time)
        update = events.update()
        nominals_changed |= update.nominals_changed
        states_changed |= update.states_changed
        next_tick = math.inf
        if clocks is not None:
            clocks.settled(time)
            next_tick = clocks.next_tick
        if update.is_terminated or not (update.needs_more or next_tick <= time):
            return replace(
                update,
                nominals_changed=nominals_changed,
                states_changed=states_changed,
                next_event=min(update.next_event, next_tick),
                had_more=number > 0,
            )
    raise StepFailed(
        f"{events.update_name} at {time:.9g} s",
        f"the event does not settle: the FMU asks for another round after {MOST_ROUNDS}.",
    )
