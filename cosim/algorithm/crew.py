"""Stepping participants on several threads, where they do not need each other and measured cost says that it pays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Final, Literal
from weakref import finalize

import numpy as np

from cosim.algorithm.participant import Participant
from cosim.clock import Ticks
from cosim.errors import StepError
from cosim.instance.abilities import AbstractConcurrent

WORTH: Final = 1e-4
"""Mean wall time [s] of a step from which a thread pays: handing over and waiting take about a third of that."""
LEAST_STEPS: Final = 1
"""Steps of a participant before its mean cost is believed: those at the beginning often take longest."""
WINDOWS_BETWEEN_LOOKS: Final = 64

Batch = tuple[Participant, ...]
Taker = Literal["thread", "nobody"]


def n_cores() -> int:
    """Return how many threads can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Job:
    """A step for a thread to take, unless it was withdrawn before one took it."""

    __slots__ = ("_taken", "end", "failure", "has_ended", "participant")

    def __init__(self, participant: Participant, end: Ticks) -> None:
        self.participant, self.end = participant, end
        self.failure: BaseException | None = None
        self.has_ended = False
        self._taken: dict[str, Taker] = {}

    def take(self, taker: Taker) -> bool:
        """Tell whether ``taker`` is the first to take it, whoever else tries at the same time; ask as often as need be.

        A lock would not do: an interrupt after it was got would leave nobody knowing.
        """
        return self._taken.setdefault("by", taker) == taker

    @property
    def is_over(self) -> bool:
        """True where no thread is in the step, nor will be."""
        return self.has_ended or self._taken.get("by") == "nobody"


class Crew:
    """Threads for one network; they end with it.

    Results do not depend on whether threads are used: everything that a participant touches while it steps is its own,
    inputs have been gathered before.
    """

    def __init__(self, participants: Sequence[Participant]) -> None:
        self.batches = _batches(participants)
        self._everyone = tuple(participants)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._signs: SimpleQueue[None] = SimpleQueue()
        self._n_threads = 0
        self._heavy: frozenset[Participant] = frozenset()
        self._n_calls = 0

    def pays(self, batches: Iterable[Batch] | None = None) -> bool:
        """Tell whether two components of a batch, or of all, are worth a thread each; looked at now and then."""
        self._n_calls += 1
        if self._n_calls % WINDOWS_BETWEEN_LOOKS == 0 or self._n_calls & (self._n_calls - 1) == 0:
            self.look()  # at first often: 1, 2, 4, 8 …
        if not self._heavy:
            return False
        return any(len(self._heavy.intersection(batch)) > 1 for batch in batches or (self._everyone,))

    @property
    def is_new(self) -> bool:
        """True where it is not known yet what steps cost."""
        return any(item.steps < LEAST_STEPS for item in self._everyone)

    def look(self) -> None:
        """Look now which components are worth a thread."""
        heavy = [item for item in self._everyone if _is_heavy(item)]
        self._heavy = frozenset(heavy) if len(heavy) > 1 and n_cores() > 1 else frozenset()

    def advance(self, batch: Batch, end: Ticks) -> None:
        """Step ``batch``, whose inputs are gathered, to ``end``.

        Raises
        ------
        StepError
            That of the first in order to fail, when all have come back.
        """
        jobs = [Job(item, end) for item in [item for item in batch if item in self._heavy][1:]]
        given = frozenset(job.participant for job in jobs)
        errors: dict[Participant, BaseException] = {}
        try:
            self._hire(min(len(jobs), n_cores() - 1))
            for job in jobs:
                self._jobs.put(job)
            for item in batch:
                if item not in given:
                    try:
                        item.advance(end)
                    except StepError as error:
                        errors[item] = error
            self._await(jobs)
        except BaseException:
            self._withdraw(jobs)
            raise
        errors |= {job.participant: job.failure for job in jobs if job.failure is not None}
        for item in batch:
            if item in errors:
                raise errors[item]

    def _await(self, jobs: Sequence[Job]) -> None:
        """Wait until all of ``jobs`` are over; an interrupt may lose a sign of it, never that it is so."""
        while not all(job.is_over for job in jobs):
            self._signs.get()

    def _withdraw(self, jobs: Sequence[Job]) -> None:
        """Wait until no thread steps any more, whatever interrupts: nobody may free what a thread steps."""
        try:
            for job in jobs:
                job.take("nobody")
            self._await(jobs)
        except KeyboardInterrupt:
            self._withdraw(jobs)

    def _hire(self, n: int) -> None:
        """See that there are ``n`` threads, which work in the caller's context and end with this crew."""
        while self._n_threads < n:
            self._n_threads += 1
            arguments = (_work, self._jobs, self._signs)
            Thread(target=copy_context().run, args=arguments, name="cosim-step", daemon=True).start()
            finalize(self, self._jobs.put, None)


def _work(jobs: SimpleQueue[Job | None], signs: SimpleQueue[None]) -> None:
    while (job := jobs.get()) is not None:
        if job.take("thread"):
            try:
                job.participant.advance(job.end)
            except BaseException as error:  # whatever it is, the caller waits for an answer, and raises it
                job.failure = error
            job.has_ended = True
            signs.put(None)
        del job  # nothing may be kept alive by a thread that waits


def _is_heavy(participant: Participant) -> bool:
    """Tell whether steps take long, of an instance that lets others step meanwhile."""
    instance = participant.instance
    if not isinstance(instance, AbstractConcurrent) or instance.description.capabilities.can_be_instantiated_only_once:
        return False
    return participant.steps >= LEAST_STEPS and participant.seconds >= WORTH * participant.steps


def _batches(participants: Sequence[Participant]) -> tuple[Batch, ...]:
    """Cut the order into batches of which none feeds another, so that all can gather before any of them steps."""
    feeders = _feeders(participants)
    batches: list[list[Participant]] = []
    for participant in participants:
        if batches and feeders[participant].isdisjoint(batches[-1]):
            batches[-1].append(participant)
        else:
            batches.append([participant])
    return tuple(tuple(batch) for batch in batches)


def _feeders(participants: Sequence[Participant]) -> dict[Participant, set[Participant]]:
    """Return from whom each participant gets values, by connections and streams."""
    begins = np.array([item.outputs.__array_interface__["data"][0] for item in participants], dtype=np.int64)
    order = np.argsort(begins)
    found: dict[Participant, set[Participant]] = {}
    for participant in participants:
        board = participant.board.__array_interface__["data"][0]
        places = board + participant.wire_sources * participant.board.itemsize
        owners = order[np.maximum(np.searchsorted(begins[order], places, side="right") - 1, 0)]
        found[participant] = {participants[i] for i in np.unique(owners).tolist()} if len(owners) else set()
        found[participant].update(flow.sender for flow in participant.inflows)
    return found
