"""One phase while it waits, runs through its steps and cycles, and ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cosim.clock import Ticks
from cosim.execution.assembly import System
from cosim.execution.collecting import Collecting
from cosim.execution.outcome import PhaseRecord
from cosim.execution.record import Record
from cosim.execution.settings import Settings
from cosim.execution.stretch import Stretch
from cosim.execution.watch import Watch
from cosim.system.experiment import Phase, PhaseStep

BY_STEPS: Final = "steps"
"""Why a phase ended that ends with its last step."""


class PhaseRun:
    """A phase with its cycles; ``began`` and ``ended`` are None until then."""

    VARYING = ("began", "ended", "cycle", "_step_index", "_cycle_start")
    """What a checkpoint holds besides the stretches and collectings that last."""

    def __init__(self, phase: Phase, system: System, settings: Settings, record: Record) -> None:
        self.phase = phase
        self.began: Ticks | None = None
        self.ended: Ticks | None = None
        self.cycle = 0
        self._system, self._settings, self._record = system, settings, record
        self._whole: Stretch | None = None
        self._step: Stretch | None = None
        self._step_index = 0
        self._cycle_start = Ticks(0)
        self._collecting: list[Collecting] = []

    @property
    def is_running(self) -> bool:
        """True from the first begin to the last end."""
        return self.began is not None and self.ended is None

    @property
    def step_name(self) -> str | None:
        """Return the name of the present step."""
        return self.phase.steps[self._step_index].name if self._step else None

    def begin(self, time: Ticks, lateness: Ticks) -> None:
        """Begin the first cycle, or the next."""
        if self.began is None:
            self.began = time
        self._cycle_start = time
        self.cycle += 1
        cycles = f", cycle {self.cycle} of {self.phase.repeat}" if self.phase.repeat > 1 else ""
        text = f"Phase '{self.phase.name}' begins{cycles}."
        self._record.happened(time, "phase-start", self.phase.name, text, lateness=lateness)
        self._settings.apply(self, self.phase.settings)
        if self.phase.steps:
            self._settings.apply(self.phase.steps[0], self.phase.steps[0].settings)

    def watch_from(self, time: Ticks) -> None:
        """Begin to watch for the end, when the phase's components run; then begin the first step."""
        self._whole = self._stretch_of_phase(time) if self.phase.ending is not None else None
        if self.phase.steps:
            self._begin_step(0, time)

    def watches(self) -> Iterator[Watch]:
        """Yield the conditions that may end the phase or its step, or switch a collecting."""
        for stretch in (self._whole, self._step):
            if stretch is not None:
                yield from stretch.watches
        for collecting in self._collecting:
            if collecting.watch is not None:
                yield collecting.watch

    def lasting(self) -> tuple[Stretch | None, Stretch | None, list[Collecting]]:
        """Return the stretches of phase and step, and the collectings, as far as they last."""
        return self._whole, self._step, self._collecting

    def resume(self, *, has_whole: bool, has_step: bool) -> tuple[Stretch | None, Stretch | None, list[Collecting]]:
        """Make what lasted when the checkpoint was taken that gave the rest of the state; return it."""
        time = self._cycle_start
        self._whole = self._stretch_of_phase(time) if has_whole else None
        self._step = self._stretch_of_step(time) if has_step else None
        self._collecting = self._collectings() if has_step else []
        return self.lasting()

    def note_step(self) -> None:
        """Know from now on that flows are those of the last window."""
        for stretch in (self._whole, self._step):
            if stretch is not None and stretch.volume is not None:
                stretch.volume.note_step()

    def deadline(self, time: Ticks) -> Ticks | None:
        """Return the next time at which something of this phase ends, as far as known."""
        ends = [stretch.deadline(time) for stretch in (self._whole, self._step) if stretch is not None]
        return min((end for end in ends if end is not None), default=None)

    def sure_end(self) -> Ticks | None:
        """Return when time alone ends the phase's cycle; None where something else does, or may."""
        if self._whole is not None:
            return self._whole.sure_end()
        is_last = self._step_index == len(self.phase.steps) - 1
        return self._step.sure_end() if is_last and self._step is not None else None

    def settle(self, time: Ticks) -> bool:
        """End what is due at ``time``, go to the next step; return True when the cycle has ended."""
        if self._whole is not None and self._whole.settle(time):
            self._end_cycle(time, self._whole.ended_by or "")
            return True
        if self._step is not None and self._step.settle(time):
            self._end_step(time, self._step.ended_by or "")
            if self._step_index + 1 < len(self.phase.steps):
                self._begin_step(self._step_index + 1, time)
            elif self._whole is None:
                self._end_cycle(time, BY_STEPS)
                return True
        return False

    def cut(self, time: Ticks, reason: str) -> None:
        """Record that the execution ended before the phase did."""
        if self.is_running and self.cycle:
            self._end_cycle(time, reason)
            self.ended = time

    def _begin_step(self, index: int, time: Ticks) -> None:
        step = self.phase.steps[index]
        self._step_index = index
        name = self._qualified(step)
        self._record.happened(time, "step-start", name, f"Step '{name}' begins.")
        self._settings.apply(step, step.settings)
        for collect in step.collects:
            self._settings.put(step, collect.target, 0.0)
        self._step = self._stretch_of_step(time)
        self._collecting = self._collectings()

    def _stretch_of_phase(self, start: Ticks) -> Stretch:
        return Stretch(self.phase.name, self.phase.ending, start, self._system, ends_phase=True)

    def _stretch_of_step(self, start: Ticks) -> Stretch:
        step = self.phase.steps[self._step_index]
        ends_phase = self.phase.ending is None and self._step_index == len(self.phase.steps) - 1
        return Stretch(self._qualified(step), step.ending, start, self._system, ends_phase=ends_phase)

    def _collectings(self) -> list[Collecting]:
        step = self.phase.steps[self._step_index]
        return [Collecting(collect, self._system, self._settings, self._record, step) for collect in step.collects]

    def _end_step(self, time: Ticks, by: str) -> None:
        assert self._step is not None
        step = self.phase.steps[self._step_index]
        self._settings.withdraw(step)
        name = self._qualified(step)
        self._record.happened(time, "step-end", name, f"Step '{name}' ends: {by}.", lateness=self._step.lateness)
        self._record.phases.append(PhaseRecord(self.phase.name, step.name, self.cycle, self._step.start, time, by))
        self._step, self._collecting = None, []

    def _end_cycle(self, time: Ticks, by: str) -> None:
        if self._step is not None:
            self._end_step(time, by)
        lateness = self._whole.lateness if self._whole is not None else Ticks(0)
        self._whole = None
        self._settings.withdraw(self)
        name = self.phase.name
        self._record.happened(time, "phase-end", name, f"Phase '{name}' ends: {by}.", lateness=lateness)
        self._record.phases.append(PhaseRecord(name, None, self.cycle, self._cycle_start, time, by))
        if self.cycle >= self.phase.repeat:
            self.ended = time

    def _qualified(self, step: PhaseStep) -> str:
        return f"{self.phase.name}.{step.name}"
