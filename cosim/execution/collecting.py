"""Switching an input on and off by conditions while a step lasts."""

from __future__ import annotations

from typing import Literal

from cosim.clock import Ticks
from cosim.execution.assembly import System
from cosim.execution.record import Record
from cosim.execution.settings import Settings
from cosim.execution.watch import Margin, Watch
from cosim.system.experiment import Collect


class Collecting:
    """Sets its target to 1 when ``start`` holds, back when ``stop`` holds afterwards; once."""

    VARYING = ("stage",)
    """What a checkpoint holds besides the watch."""

    def __init__(self, collect: Collect, system: System, settings: Settings, record: Record, owner: object) -> None:
        self._collect, self._system, self._settings = collect, system, settings
        self._record, self._owner = record, owner
        self.stage: Literal["before", "during", "after"] = "before"
        self.watch = self.await_next()

    def await_next(self) -> Watch | None:
        """Return a watch for what the present stage waits for."""
        if self.stage == "before":
            return Watch(Margin(self._collect.start, self._system), self._begin, self._collect.start.text)
        if self.stage == "during":
            return Watch(Margin(self._collect.stop, self._system), self._end, self._collect.stop.text)
        return None

    def _begin(self, time: Ticks, lateness: Ticks) -> None:
        target = self._collect.target
        self._settings.put(self._owner, target, 1.0)
        text = f"Collecting with {target} begins: {self._collect.start.text}."
        self._record.happened(time, "collect", str(target), text, lateness=lateness)
        self.stage = "during"
        self.watch = self.await_next()

    def _end(self, time: Ticks, lateness: Ticks) -> None:
        target = self._collect.target
        self._settings.put(self._owner, target, 0.0)
        text = f"Collecting with {target} ends: {self._collect.stop.text}."
        self._record.happened(time, "collect", str(target), text, lateness=lateness)
        self.stage = "after"
        self.watch = self.await_next()
