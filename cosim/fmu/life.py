"""The life of an FMU as an instance: what may still be called, and what a refused call means for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from cosim.clock import Ticks, format_ticks, to_ticks
from cosim.errors import StepDiscarded, StepError
from cosim.fmu.calls import DISCARD, FATAL, CallRefused
from cosim.fmu.log import InstanceLog, status_name
from cosim.fmu.stepping import StepFailed

T = TypeVar("T")


class Stage(Enum):
    """FMI's state machine, as far as it decides what may be called at the end."""

    INSTANTIATED = auto()
    INITIALIZING = auto()
    STEPPING = auto()
    DISCARDED = auto()
    """Only going back helps: a step was refused as too long (FMI 2.0.4, 4.2.4, 'stepFailed')."""
    TERMINATED = auto()
    DEAD = auto()
    FREED = auto()


class Life:
    """Stage and time of an instance."""

    def __init__(self, name: str, log: InstanceLog) -> None:
        self._name, self._log = name, log
        self.forget: Callable[[], None] = lambda: None
        """Called at its death, so that nothing that was prepared for it is used any more."""
        self.stage = Stage.INSTANTIATED
        self.time = Ticks(0)
        self.is_fatal = False
        """True when nothing of the FMU may be called any more, not even what frees it."""

    def attempt(self, what: str, call: Callable[[], T]) -> T:
        """Return what ``call`` does; raise StepError, and be dead, where the FMU refuses."""
        try:
            return call()
        except CallRefused as refusal:
            raise self.refused(what, refusal) from refusal
        except StepFailed as failure:
            raise self.failed(what, failure) from failure

    def attempt_step(self, call: Callable[[], T]) -> T:
        """As ``attempt``, but a step that is discarded leaves what can be taken back."""
        try:
            return call()
        except CallRefused as refusal:
            if refusal.status != DISCARD:
                raise self.refused("Step", refusal) from refusal
            error = StepDiscarded(self._told("Step", refusal), component=self._name)
            if refusal.reached is not None and math.isfinite(refusal.reached):
                error.reached = to_ticks(refusal.reached)
            self.stage = Stage.DISCARDED
            raise error from refusal
        except StepFailed as failure:
            raise self.failed("Step", failure) from failure

    def go_back(self) -> None:
        """Take note that a snapshot was restored."""
        if self.stage is Stage.DISCARDED:
            self.stage = Stage.STEPPING

    def refused(self, what: str, refusal: CallRefused) -> StepError:
        """Turn a refused call into the error to raise; the instance is dead from here on."""
        self.is_fatal = refusal.status == FATAL
        self.die()
        return StepError(self._told(what, refusal), component=self._name)

    def _told(self, what: str, refusal: CallRefused) -> str:
        said = self._log.collect() or "the FMU gave no reason."
        if refusal.detail and said[-1] not in ".!?":
            said += "."
        call = f"{refusal.function} → {status_name(refusal.status)}"
        text = f"{what} failed {self.when()} in '{self._name}' ({call}): {said}"
        return f"{text} {refusal.detail}".rstrip()

    def failed(self, what: str, failure: StepFailed) -> StepError:
        """Turn what went wrong between calls into the error to raise; the instance is dead from here on."""
        self.die()
        said = self._log.collect()
        text = f"{what} failed {self.when()} in '{self._name}' ({failure.what}): {failure.why}"
        return StepError(f"{text} {said}".rstrip(), component=self._name)

    def die(self) -> None:
        """Allow nothing any more but to be freed."""
        self.stage = Stage.DEAD
        self.forget()

    def when(self) -> str:
        """Say where in time the instance stands."""
        return f"at t = {format_ticks(self.time)}"

    @property
    def is_over(self) -> bool:
        """True for what has failed or was freed."""
        return self.stage in (Stage.DISCARDED, Stage.DEAD, Stage.FREED)

    def require_alive(self, what: str) -> None:
        """Raise StepError where ``what`` is not possible any more."""
        if self.is_over:
            raise self.unusable(what)

    def unusable(self, what: str) -> StepError:
        """Return the error that says why ``what`` is not possible."""
        why = "was freed" if self.stage is Stage.FREED else "has failed before"
        if not self.is_over:
            why = "has no such group of variables"
        return StepError(f"{what} is not possible: '{self._name}' {why}.", component=self._name)
