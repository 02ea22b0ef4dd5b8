"""What an execution tells its observers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.compiled import CompiledNetwork, Deliver
from cosim.algorithm.network import Network
from cosim.algorithm.participant import Participant
from cosim.clock import Ticks
from cosim.execution.observer import AbstractObserver, Progress, SampleBlock
from cosim.execution.outcome import Happening, HappeningKind, Outcome, PhaseRecord

SECONDS_BETWEEN_PROGRESS: Final = 0.2
"""Wall time [s] between two calls of ``progressed``."""


class Record:
    """Happenings, phases and warnings so far; hands samples to observers."""

    VARYING = ("happenings", "phases", "warnings", "_seconds")
    """What a checkpoint holds."""

    def __init__(self, observers: Sequence[AbstractObserver]) -> None:
        self.observers = tuple(observers)
        self._shown_at = -1.0
        self._seconds, self._counted_at = 0.0, perf_counter()
        self.happenings: list[Happening] = []
        self.phases: list[PhaseRecord] = []
        self.warnings: list[str] = []

    def start(self, time: Ticks, participants: Iterable[Participant]) -> None:
        """Tell observers what every sample will hold."""
        recorded = {
            participant.name: participant.output_names[: participant.n_recorded] for participant in participants
        }
        for observer in self.observers:
            observer.started(time, recorded)

    def sample(self, participant: Participant) -> None:
        """Hand over the present values of ``participant``."""
        for observer in self.observers:
            observer.sampled(participant.name, participant.time, participant.outputs[: participant.n_recorded])

    def sample_all(self, network: Network) -> None:
        """Hand over what the last window brought."""
        observers = self.observers
        for participant in network.participants:
            if participant.samples is None:
                values = participant.outputs[: participant.n_recorded]
                for observer in observers:
                    observer.sampled(participant.name, participant.time, values)
                continue
            for time, values in participant.samples:
                for observer in observers:
                    observer.sampled(participant.name, time, values)
            participant.samples = []

    def deliver(self, compiled: CompiledNetwork, start: Ticks) -> Deliver | None:
        """Return what hands over the samples that C code takes after ``start``; None where nobody takes any."""
        if not self.observers:
            return None
        size, columns = compiled.network.window, compiled.columns

        def hand_over(n_before: int, values: NDArray[np.float64]) -> None:
            times = start + size * np.arange(n_before + 1, n_before + 1 + len(values), dtype=np.int64)
            block = SampleBlock(columns, times, values)
            for observer in self.observers:
                block.hand_to(observer)

        return hand_over

    def happened(
        self, time: Ticks, kind: HappeningKind, subject: str, text: str, *, lateness: Ticks = Ticks(0)
    ) -> None:
        """Keep and tell."""
        happening = Happening(time, kind, subject, text, lateness)
        self.happenings.append(happening)
        for observer in self.observers:
            observer.happened(happening)

    def warn(self, time: Ticks, subject: str, text: str) -> None:
        """Give a warning, once."""
        if text not in self.warnings:
            self.warnings.append(text)
            self.happened(time, "warning", subject, text)

    def seconds(self) -> float:
        """Return the wall time [s] that the execution has taken, without that between an interruption and going on."""
        now = perf_counter()
        self._seconds += now - self._counted_at
        self._counted_at = now
        return self._seconds

    def is_progress_due(self) -> bool:
        """Tell whether observers have waited long enough."""
        now = perf_counter()
        if now - self._shown_at < SECONDS_BETWEEN_PROGRESS:
            return False
        self._shown_at = now
        return True

    def progressed(self, progress: Progress) -> None:
        """Tell how far the execution is."""
        for observer in self.observers:
            observer.progressed(progress)

    def finish(self, outcome: Outcome) -> None:
        """Make the last call."""
        for observer in self.observers:
            observer.finished(outcome)
