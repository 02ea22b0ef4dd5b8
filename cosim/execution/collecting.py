"""Switching an input on and off by conditions while a step lasts."""

from __future__ import annotations

from cosim.clock import Ticks
from cosim.execution.assembly import System
from cosim.execution.record import Record
from cosim.execution.settings import Settings
from cosim.execution.watch import Margin, Watch
from cosim.system.experiment import Collect


class Collecting:
    """Sets its target to 1 when ``start`` holds, back when ``stop`` holds afterwards; once."""

    def __init__(self, collect: Collect, system: System, settings: Settings, record: Record, owner: object) -> None:
        self._collect, self._system, self._settings = collect, system, settings
        self._record, self._owner = record, owner
        self.watch: Watch | None = Watch(Margin(collect.start, system), self._begin, collect.start.text)

    def _begin(self, time: Ticks, lateness: Ticks) -> None:
        target = self._collect.target
        self._settings.put(self._owner, target, 1.0)
        text = f"Collecting with {target} begins: {self._collect.start.text}."
        self._record.happened(time, "collect", str(target), text, lateness=lateness)
        self.watch = Watch(Margin(self._collect.stop, self._system), self._end, self._collect.stop.text)

    def _end(self, time: Ticks, lateness: Ticks) -> None:
        target = self._collect.target
        self._settings.put(self._owner, target, 0.0)
        text = f"Collecting with {target} ends: {self._collect.stop.text}."
        self._record.happened(time, "collect", str(target), text, lateness=lateness)
        self.watch = None
