"""How a phase, or a step of one, ends."""

from __future__ import annotations

from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.errors import StepError
from cosim.execution.assembly import System
from cosim.execution.watch import Fire, Margin, VolumeMargin, Watch
from cosim.system.experiment import Comparison, DeliveredVolume, Duration, Ending, Until

BY_DURATION: Final = "duration"
BY_VOLUME: Final = "volume"
BY_LIMIT: Final = "limit"


class Stretch:
    """A phase or a step of one while it lasts."""

    VARYING = ("start", "ended_by", "lateness")
    """What a checkpoint holds besides the watches."""

    def __init__(self, name: str, ending: Ending | None, start: Ticks, system: System, *, ends_phase: bool) -> None:
        self.name, self.start = name, start
        self.ending = ending
        self.ended_by: str | None = None
        self.lateness = Ticks(0)
        self.watches: list[Watch] = []
        self.volume: VolumeMargin | None = None
        if isinstance(ending, Until):
            self.watches = [self._watch(item, system, ends_phase=ends_phase) for item in ending.conditions]
        elif isinstance(ending, DeliveredVolume):
            self.volume = VolumeMargin(ending, system)
            self.watches = [Watch(self.volume, self._end(BY_VOLUME), f"{name}: volume delivered")]

    def deadline(self, time: Ticks) -> Ticks | None:
        """Return when the stretch ends at the latest, or when its volume will have entered."""
        if self.ending is None:
            return None
        if isinstance(self.ending, Duration):
            return Ticks(self.start + self.ending.duration)
        limit = self.start + self.ending.at_most
        rest = self.volume.rest() if self.volume else None
        if rest is not None:
            limit = min(limit, time + max(1, -int(-rest * TICKS_PER_SECOND // 1)))
        return Ticks(limit)

    def sure_end(self) -> Ticks | None:
        """Return when time alone ends the stretch; None where something else does."""
        return Ticks(self.start + self.ending.duration) if isinstance(self.ending, Duration) else None

    def settle(self, time: Ticks) -> bool:
        """Tell whether the stretch has ended; its limit reached is an error unless the scenario goes on."""
        if self.ended_by is None and self.ending is not None:
            if isinstance(self.ending, Duration):
                if time >= self.start + self.ending.duration:
                    self.ended_by = BY_DURATION
                    self.lateness = Ticks(time - self.start - self.ending.duration)
            elif time >= self.start + self.ending.at_most:
                self._reach_limit(self.ending)
        return self.ended_by is not None

    def _reach_limit(self, ending: DeliveredVolume | Until) -> None:
        if not ending.continue_at_limit:
            wanted = (
                " or ".join(item.text or str(item.left) for item in ending.conditions)
                if isinstance(ending, Until)
                else f"a volume of {ending.volume:g} through {' and '.join(map(str, ending.inlets))}"
            )
            raise StepError(
                f"'{self.name}' did not reach {wanted} within {format_ticks(ending.at_most)}. Correct the condition or "
                "what should bring it about, raise 'at_most', or let it end there with 'at_most: … continue'."
            )
        self.ended_by = BY_LIMIT

    def _watch(self, comparison: Comparison, system: System, *, ends_phase: bool) -> Watch:
        text = comparison.text or str(comparison.left)
        margin = Margin(comparison, system)
        return Watch(margin, self._end(text), f"{self.name}: {text}", ends_phase=ends_phase)

    def _end(self, by: str) -> Fire:
        def fire(time: Ticks, lateness: Ticks) -> None:
            self.ended_by, self.lateness = by, lateness

        return fire
