"""Events of an experiment: settings applied once, at a time or when a condition begins to hold."""

from __future__ import annotations

from collections.abc import Mapping

from cosim.clock import Ticks
from cosim.execution.assembly import System
from cosim.execution.record import Record
from cosim.execution.settings import Settings
from cosim.execution.watch import Fire, Margin, Watch
from cosim.system.experiment import Comparison, Event
from cosim.system.variable import VariableName


class Events:
    """Fires timed events in their order; watches the conditions of the others where their components have run."""

    VARYING = ("_timed", "_waiting", "_disarmed")
    """What a checkpoint holds besides the watches."""

    def __init__(self, events: tuple[Event, ...], system: System, settings: Settings, record: Record) -> None:
        self._system, self._settings, self._record = system, settings, record
        timed = [(event.time, event) for event in events if event.time is not None]
        self._timed = sorted(timed, key=lambda item: item[0])
        self._waiting = [event for event in events if event.condition is not None]
        self._watches: dict[Event, Watch] = {}
        self._disarmed: set[Event] = set()

    def deadline(self) -> Ticks | None:
        """Return the time of the next timed event."""
        return self._timed[0][0] if self._timed else None

    def is_due(self, time: Ticks) -> bool:
        """Tell whether a timed event is due."""
        return bool(self._timed) and self._timed[0][0] <= time

    def settle(self, time: Ticks) -> bool:
        """Fire the timed events that are due, arm again those whose condition has ceased; True if any."""
        has_changed = self.is_due(time)
        while self._timed and self._timed[0][0] <= time:
            due, event = self._timed.pop(0)
            self._apply(event, time, Ticks(time - due))
        for event in [item for item in self._disarmed if self._watches[item].margin() < 0.0]:
            self._watches[event].restart()
            self._disarmed.discard(event)
            has_changed = True
        return has_changed

    def watches(self) -> list[Watch]:
        """Return the conditions that may fire an event now."""
        for event in self._waiting:
            if event not in self._watches and event.condition is not None and self._runs(event.condition):
                self._watches[event] = self._watch(event, event.condition)
        return [watch for event, watch in self._watches.items() if event not in self._disarmed]

    def ceasing(self) -> list[Margin]:
        """Return the margins that arm an event again when they fall below zero."""
        margins = [self._watches[event].margin for event in self._disarmed]
        return [margin for margin in margins if isinstance(margin, Margin)]

    @property
    def armed(self) -> Mapping[Event, Watch]:
        """The watches of conditions, also of those that have fired and wait to be armed again."""
        return self._watches

    def _watch(self, event: Event, condition: Comparison) -> Watch:
        return Watch(Margin(condition, self._system), self._fire(event), condition.text)

    def _fire(self, event: Event) -> Fire:
        def fire(time: Ticks, lateness: Ticks) -> None:
            self._apply(event, time, lateness)
            if event.repeats:
                self._disarmed.add(event)
            else:
                self._waiting.remove(event)
                del self._watches[event]

        return fire

    def _apply(self, event: Event, time: Ticks, lateness: Ticks) -> None:
        self._settings.overwrite(event.settings)
        done = ", ".join(f"{item.target} = {item.value:g}" for item in event.settings)
        why = f" because {event.condition.text}" if event.condition and event.condition.text else ""
        subject = str(event.settings[0].target) if event.settings else "event"
        self._record.happened(time, "event", subject, f"Event{why}: {done}.", lateness=lateness)

    def _runs(self, condition: Comparison) -> bool:
        names = [condition.left.component]
        if isinstance(condition.right, VariableName):
            names.append(condition.right.component)
        return all(self._system.participants[name].is_initialised for name in names)
