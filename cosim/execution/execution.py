"""An execution: an experiment on its way through time."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final, Generic, TypeVar

import numpy as np

from cosim.algorithm.compiled import CompiledNetwork
from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.fault import Fault, FaultKind
from cosim.algorithm.network import Memory, Network, can_roll_back, can_vary_step
from cosim.algorithm.outlet import Array
from cosim.clock import Ticks, format_ticks
from cosim.execution.activation import Activation
from cosim.execution.amending import amend
from cosim.execution.arrival import arrivals
from cosim.execution.assembly import assemble
from cosim.execution.checkpoint import Checkpoint, Parts, restore, take
from cosim.execution.events import Events
from cosim.execution.forecast import fraction_done
from cosim.execution.leap import LEAST, Leaping, may_end_soon, watched_by, windows_before
from cosim.execution.ledger import Ledger
from cosim.execution.observer import AbstractObserver, Progress
from cosim.execution.record import Record
from cosim.execution.schedule import Schedule
from cosim.execution.settings import Settings
from cosim.execution.transit import TransitWatch
from cosim.execution.watch import Watch, locate
from cosim.instance.contract import AbstractInstance
from cosim.system.experiment import Experiment, Setting
from cosim.system.structure import SystemStructure
from cosim.system.variable import VariableName

State = TypeVar("State")
NEVER: Final = Ticks(1 << 62)
"""Later than any time that is met."""
SHORTEST_DRAIN: Final = 0.5
"""Share of a full window in which what is in transit may be handed over without a surge."""


class Execution(Generic[State]):
    """Goes from communication point to communication point.

    Call ``start`` once, then ``advance`` while it returns True. After an error only reading is legal.
    """

    VARYING = ("time", "_limit", "_n_changes")
    """What a checkpoint holds besides the parts."""

    def __init__(
        self,
        structure: SystemStructure,
        experiment: Experiment,
        instances: Mapping[str, AbstractInstance],
        algorithm: AbstractAlgorithm[State],
        observers: Sequence[AbstractObserver] = (),
        *,
        kernel: ctypes.CDLL | None = None,
    ) -> None:
        """``kernel`` is ``cosim.algorithm.compiled.KERNEL`` compiled; without it everything steps in Python."""
        self.time = Ticks(0)
        self.record = Record(observers)
        self.system = assemble(structure, experiment, instances)
        self.ledger = Ledger(self.system, experiment.ledger)
        self._experiment, self._algorithm = experiment, algorithm
        self._settings = Settings(self.system.board, self.system.places)
        self._activation = Activation(self.system, experiment, self.record, self.ledger)
        self._events = Events(experiment.events, self.system, self._settings, self.record)
        self.schedule = Schedule(
            experiment, self.system, settings=self._settings, record=self.record, activation=self._activation
        )
        self._transit = TransitWatch(self.system, self.record)
        self._network = Network((), self.system.board)
        self._state: State = algorithm.init(self._network)
        self._watches: list[Watch] = []
        self._limit = NEVER
        self._n_changes = 0
        self._leaping = Leaping(kernel, algorithm)

    def set(self, target: VariableName, value: float) -> None:
        """Give ``target``, which the experiment names as settable, another value from now on, as an event does."""
        self._settings.overwrite([Setting(target, value)])
        self.record.happened(self.time, "event", str(target), f"Set by hand: {target} = {value:g}.")
        with np.errstate(invalid="ignore"):
            self._settle(is_due=False)

    def amend(self, name: str, numbers: Sequence[str], values: Array) -> None:
        """Let component ``name``, an ``AbstractEditable``, go on from ``values`` (n,) of some of its ``numbers``."""
        amend(self.system.participants[name], self.ledger, numbers, values)
        if self.record.observers:  # copies that are amended again and again keep no list of it
            self.record.happened(self.time, "event", name, f"Amended by hand: {', '.join(numbers)}.")

    def checkpoint(self) -> Checkpoint:
        """Return the whole state; legal between two calls of ``advance``."""
        return take(self._parts(), self._network, self._state)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from ``checkpoint``, in place of ``start``."""
        self._network, self._state = restore(self._parts(), checkpoint)
        self._watches = [*self.schedule.watches(), *self._events.watches()]
        self.record.start(self.time, self.system.participants.values())

    def _parts(self) -> Parts:
        return Parts(
            self, self._experiment, self.system, self.record, self.ledger, self._settings, self._activation,
            self._events, self.schedule, self._transit,
        )  # fmt: skip

    def start(self, warnings: Sequence[str] = ()) -> None:
        """Begin the phases that begin at once; ``warnings`` are those given before, to be kept."""
        self.record.start(self.time, self.system.participants.values())
        for text in warnings:
            self.record.warn(self.time, "", text)
        with np.errstate(invalid="ignore"):
            self._settle()

    def advance(self, until: Ticks | None = None) -> bool:
        """Go on to the next communication point; return False when nothing is left to do.

        With ``until``, to any communication point up to the first at or after it.
        """
        with np.errstate(invalid="ignore"):  # what is not finite is found and named when outputs are read
            return (until is not None and self._leap(until)) or self._advance()

    def _leap(self, until: Ticks) -> bool:
        """Take many windows at once, the last of which is accepted as any other; False where that is not possible."""
        network = self._network
        compiled = self._leaping.compiled(network)
        if compiled is None:
            return False
        n = min(self._windows_ahead(until), self._leaping.most)
        if n < LEAST or may_end_soon(self._watches, network.window) or self._judged() != self._watches:
            return False
        memory = self._memory(Ticks(self.time + network.window))
        watched = watched_by(self._watches, self._events, self._activation, self.system.board)
        compiled.watch(watched, [watch.before for watch in self._watches])
        start, deliver = self.time, self.record.deliver(compiled, self.time)
        began = perf_counter()
        done, fault = compiled.advance(start, n, deliver, holds=memory is None)
        self._leaping.note((perf_counter() - began) / max(done, 1))
        if memory is None or fault.kind not in (FaultKind.HOLDS, FaultKind.REDO, FaultKind.STEP):
            self._land(compiled, done, fault, is_located=memory is not None)
            if memory is not None:
                network.release(memory)
            return True
        self._leap_short(compiled, memory, done - (fault.kind is FaultKind.HOLDS), fault)
        network.release(memory)
        return self._advance()

    def _windows_ahead(self, until: Ticks) -> int:
        """Return how many whole windows come before anything begins, ends or happens; one more reaches ``until``."""
        self._next_point()  # sets the limit
        time, size = self.time, self._network.window
        n = windows_before(time, size, self._limit)
        end, look = self.schedule.sure_end(), self._transit.windows_to_look()
        n = min(n, windows_before(time, size, until) + 1, *([look] if look else []))
        while n > 0 and end is not None and end - (time + (n - 1) * size) < (1.0 + SHORTEST_DRAIN) * size:
            n = min(n - 1, (end - time) // size)
        return n

    def _leap_short(self, compiled: CompiledNetwork, memory: Memory, n: int, fault: Fault) -> None:
        """Go back and take the ``n`` windows before the one in which something happens, which Python then takes."""
        start = self.time
        self._network.restore(memory)
        compiled.watch(())
        self._network.counts.repeated += n
        if n:
            compiled.advance(start, n)
        self._pass(n)
        self._network.counts.compiled += n
        for watch in self._watches:
            watch.look()
            watch.keep()
        if fault.kind is not FaultKind.HOLDS:
            self._leaping.give_up()

    def _land(self, compiled: CompiledNetwork, done: int, fault: Fault, *, is_located: bool) -> None:
        """Accept ``done`` windows, and the one in which the kernel came back."""
        is_whole = fault.kind.is_between_windows
        self._pass(done - is_whole)
        self._network.counts.compiled += done
        for watch, (before, now) in zip(self._watches, compiled.margins(), strict=False):
            watch.before = before if is_whole else now
        start, end = self.time, Ticks(self.time + self._network.window)
        if not is_whole:
            self._leaping.give_up()
            compiled.go_on(end, fault)
        self.time = end
        if not is_whole:
            self.record.sample_all(self._network)
        self._commit(Window(start, end), [watch for watch in self._watches if watch.look()], is_located=is_located)

    def _pass(self, n: int) -> None:
        """Accept ``n`` windows in which nothing happened."""
        self.time = Ticks(self.time + n * self._network.window)
        self._network.counts.windows += n
        self._transit.skip(n)

    def _advance(self) -> bool:
        if not self._network.participants:
            return self._skip_to_next_start()
        start, end = self.time, self._next_point()
        network = self._network
        watches, memory = self._judged(), self._memory(end)
        before = self._state
        self._step(start, end, is_last=self._is_last(start))
        for watch in self._watches:
            watch.look()
        holding = [watch for watch in watches if watch.holds]
        if memory is not None and any(not watch.held_before for watch in holding):
            end, holding = self._locate(memory, before, Window(start, end))
            network.counts.located += 1
        if memory is not None:  # after an error instances are dead, and freed with all their states
            network.release(memory)
        self.time = end
        self.record.sample_all(self._network)
        self._commit(Window(start, end), holding, is_located=memory is not None)
        return True

    def _next_point(self) -> Ticks:
        """Return the end of the next window: a step ahead, or earlier where something begins, ends or happens."""
        limits = [item for item in (self.schedule.deadline(self.time), self._events.deadline()) if item is not None]
        self._limit = min(limits, default=NEVER)
        if not self._network.can_vary_step:
            return Ticks(self.time + self._network.window)
        return Ticks(max(min(self.time + self._network.window, self._limit), self.time + 1))

    def _is_last(self, start: Ticks) -> bool:
        """Tell whether a phase ends with this window, or so soon after that the next would be too short to drain."""
        end = self.schedule.sure_end()
        return end is not None and end - start < (1.0 + SHORTEST_DRAIN) * self._network.window

    def _memory(self, end: Ticks) -> Memory | None:
        """Save the network where a condition may have to be located."""
        network = self._network
        watches = self._judged()
        if not watches or not network.can_roll_back:
            return None
        size = Ticks(end - self.time)
        return network.save() if any(watch.needs_memory(size) for watch in watches) else None

    def _judged(self) -> list[Watch]:
        """Return the watches that are judged in the window that begins now."""
        return [watch for watch in self._watches if watch.since <= self.time]

    def _step(self, start: Ticks, end: Ticks, *, is_last: bool) -> None:
        self._state = self._algorithm.step(self._network, Window(start, end, is_last), self._state)

    def _locate(self, memory: Memory, state: State, window: Window) -> tuple[Ticks, list[Watch]]:
        """Step again, to the moment when a condition begins to hold."""

        def go(time: Ticks, *, is_last: bool = False) -> None:
            self._network.restore(memory)
            self._state = state
            self._network.counts.repeated += 1
            self._step(window.start, time, is_last=is_last)

        watches = self._judged()
        end = locate(go, watches, (window.start, window.end), self._experiment.event_tolerance)
        go(end)
        holding = [watch for watch in watches if watch.look() and not (watch.held_before and end < window.end)]
        is_long = end - window.start >= SHORTEST_DRAIN * self._network.window
        if is_long and any(watch.ends_phase for watch in holding):
            go(end, is_last=True)
        return end, holding

    def _commit(self, window: Window, holding: Sequence[Watch], *, is_located: bool) -> None:
        """Accept what conditions and time bring about at the end of the window, of which samples are taken."""
        self._network.counts.windows += 1
        self._activation.check_sleepers(self.time)
        self._transit.look(self.time)
        self.schedule.note_step()
        for watch in holding:
            lateness = Ticks(0) if is_located else watch.lateness(window.start, window.end)
            watch.fire(window.end, lateness)
            if lateness > self._experiment.event_tolerance:
                self._warn_of_lateness(watch, window)
            if watch.since and watch.held_before:
                self.record.warn(
                    self.time,
                    watch.text,
                    f"'{watch.text}' held before {format_ticks(watch.since)}, but acted only when streams that arrive "
                    "one communication step late had brought what flowed. A smaller step makes it earlier.",
                )
        for watch in self._watches:
            watch.keep()
        if self._limit < window.end:
            self._warn_of_passing(window.end)
        self._settle(is_due=bool(holding) or window.end >= self._limit)

    def _warn_of_passing(self, end: Ticks) -> None:
        rigid = [participant.name for participant in self._network.participants if not can_vary_step(participant)]
        self.record.warn(
            end,
            "",
            f"What was due at t = {format_ticks(self._limit)} came {format_ticks(Ticks(end - self._limit))} late, at "
            f"the next communication point: {', '.join(rigid)} cannot vary its step. Choose a step that divides it.",
        )

    def _warn_of_lateness(self, watch: Watch, window: Window) -> None:
        names = [participant.name for participant in self._network.participants if not can_roll_back(participant)]
        if not names:
            return
        self.record.warn(
            self.time,
            watch.text,
            f"'{watch.text}' was noticed up to {format_ticks(Ticks(window.end - window.start))} late, at the next "
            f"communication point: {', '.join(names)} cannot go back in time. A smaller step makes it earlier.",
        )

    def _settle(self, *, is_due: bool = True) -> None:
        """Bring events and phases up to date with the present time; ``is_due`` says that something happened."""
        time = self.time
        is_due = is_due or self._events.is_due(time)
        if time == 0:
            self._events.settle(time)
        while True:
            if is_due and self.schedule.settle(time):
                active = self.schedule.active()
                self._network = self._activation.network(active, time)
                self._n_changes = -1
                self._transit.begin(self._network)
            known = set(self._watches)
            if self._events.settle(time) or is_due:
                self._watches = [*self.schedule.watches(), *self._events.watches()]
            if not self._fire_at_once([watch for watch in self._watches if watch not in known]):
                break
            is_due = True
        if self._settings.n_changes != self._n_changes:
            self._n_changes = self._settings.n_changes
            self._state = self._algorithm.init(self._network)

    def _fire_at_once(self, beginning: Sequence[Watch]) -> bool:
        """Let conditions act that hold already as they begin to be watched; return True if any does."""
        if beginning and self._settings.n_changes != self._n_changes:
            for participant in self._network.participants:
                participant.renew()
            self._await_flows(beginning)
        holding = [watch for watch in beginning if watch.look()]
        for watch in beginning:
            watch.keep()
        for watch in holding:
            watch.fire(self.time, Ticks(0))
        return bool(holding)

    def _await_flows(self, beginning: Sequence[Watch]) -> None:
        """Let conditions not be judged before late streams bring what flows now: until then they bring what did."""
        waits = arrivals(self.system, self._network, is_late=self._algorithm.delays_streams)
        for watch in beginning:
            wait = max([waits.get(name, Ticks(0)) for name in watch.margin.components], default=Ticks(0))
            watch.since = Ticks(self.time + wait) if wait else Ticks(0)

    @property
    def is_over(self) -> bool:
        """True when nothing runs any more and nothing will begin."""
        return not self._network.participants and not self._waiting()

    def _waiting(self) -> list[Ticks]:
        """Return when phases will begin, as far as known."""
        starts = [self.schedule.start_of(run) for run in self.schedule.runs if run.began is None]
        return [start for start in starts if start is not None]

    def _skip_to_next_start(self) -> bool:
        """Go to the next phase over a time in which nothing runs."""
        waiting = self._waiting()
        if not waiting:
            return False
        event = self._events.deadline()
        self.time = min(waiting) if event is None else min(*waiting, event)
        self._settle()
        return True

    def forecast(self) -> list[str]:
        """Return warnings of what is in transit that the flows at the start tell; call it after ``start``."""
        if self._network.participants:
            self._transit.forecast(self._network, is_late=self._algorithm.delays_streams)
        return self.record.warnings

    @property
    def initialising_seconds(self) -> float:
        """Time spent initialising components so far."""
        return self._activation.seconds

    def progress(self) -> Progress:
        """Tell where the execution stands."""
        fraction = fraction_done(self.schedule.runs, self.time)
        run = next((item for item in self.schedule.runs if item.is_running), None)
        if run is None:
            return Progress(self.time, "", None, 0, fraction)
        return Progress(self.time, run.phase.name, run.step_name, run.cycle, fraction)
