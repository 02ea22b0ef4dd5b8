"""All phases of an experiment: what runs, with which step, until when."""

from __future__ import annotations

from collections.abc import Sequence

from cosim.clock import Ticks
from cosim.errors import StructureError
from cosim.execution.activation import Activation
from cosim.execution.assembly import System
from cosim.execution.phase_run import PhaseRun
from cosim.execution.record import Record
from cosim.execution.settings import Settings
from cosim.execution.watch import Watch
from cosim.system.experiment import Experiment


class Schedule:
    """Begins and ends phases; ``active`` gives the components of running phases and their step sizes."""

    def __init__(
        self, experiment: Experiment, system: System, *, settings: Settings, record: Record, activation: Activation
    ) -> None:
        self.runs = [PhaseRun(phase, system, settings, record) for phase in experiment.phases]
        self._by_name = {run.phase.name: run for run in self.runs}
        self._activation = activation

    def settle(self, time: Ticks) -> bool:
        """End and begin what is due at ``time``; return True when a phase began or ended.

        Ends come first, so that a phase that follows another at once finds its components awake.
        """
        has_changed = False
        is_settled = False
        while not is_settled:
            ended = [run for run in self.runs if run.is_running and run.settle(time)]
            due = [run for run in self.runs if run.began is None and self._is_due(run, time)]
            again = [run for run in ended if run.is_running]
            for run in again:
                self._activation.refresh(run.phase.fresh, run.phase.carry, time)
            self._begin([*again, *due], time)
            is_settled = not ended and not due
            has_changed = has_changed or not is_settled
        return has_changed

    def active(self) -> dict[str, Ticks]:
        """Return the active components with their step sizes."""
        active: dict[str, Ticks] = {}
        for run in self.runs:
            if not run.is_running:
                continue
            for name in run.phase.active:
                size = run.phase.step_sizes.get(name, run.phase.step_size)
                if active.setdefault(name, size) != size:
                    raise StructureError(
                        f"Phase '{run.phase.name}' steps '{name}' by {size / 1e9:g} s while another phase that runs at "
                        f"the same time steps it by {active[name] / 1e9:g} s. Give both the same step.",
                        component=name,
                        location=run.phase.origin,
                    )
        return active

    def watches(self) -> list[Watch]:
        """Return every condition that running phases wait for."""
        return [watch for run in self.runs if run.is_running for watch in run.watches()]

    def note_step(self) -> None:
        """Know from now on that flows are those of the last window."""
        for run in self.runs:
            if run.is_running:
                run.note_step()

    def deadline(self, time: Ticks) -> Ticks | None:
        """Return the next time after ``time`` at which a phase or step begins or ends, as far as known."""
        times = [run.deadline(time) for run in self.runs if run.is_running]
        times += [self.start_of(run) for run in self.runs if run.began is None]
        return min((item for item in times if item is not None), default=None)

    def sure_end(self) -> Ticks | None:
        """Return the next time at which time alone ends a phase."""
        ends = [run.sure_end() for run in self.runs if run.is_running]
        return min((end for end in ends if end is not None), default=None)

    def cut(self, time: Ticks, reason: str) -> None:
        """End what runs because the execution ends."""
        for run in self.runs:
            run.cut(time, reason)

    def start_of(self, run: PhaseRun) -> Ticks | None:
        """Return when a waiting phase begins; None when that is not known yet."""
        start = run.phase.start
        if start.after is None:
            return Ticks(start.delay)
        other = self._by_name[start.after]
        edge = other.began if start.edge == "start" else other.ended
        return None if edge is None else Ticks(edge + start.delay)

    def _is_due(self, run: PhaseRun, time: Ticks) -> bool:
        start = self.start_of(run)
        return start is not None and start <= time

    def _begin(self, runs: Sequence[PhaseRun], time: Ticks) -> None:
        """Begin ``runs``, whose components are initialised together."""
        for run in runs:
            sizes = {name: run.phase.step_sizes.get(name, run.phase.step_size) for name in run.phase.active}
            self._activation.wake(run.phase.active, time, sizes)
        for run in runs:
            start = self.start_of(run) if run.began is None else None
            run.begin(time, Ticks(0) if start is None else Ticks(time - start))
        self._activation.begin([name for run in runs for name in run.phase.active], time)
        for run in runs:
            run.watch_from(time)
