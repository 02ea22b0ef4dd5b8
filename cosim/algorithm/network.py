"""The components that are active together, in order, with everything needed to go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.counts import Counts
from cosim.algorithm.crew import Crew
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that a communication step of a network changes, except cost figures."""

    board: Array
    times: tuple[Ticks, ...]
    instances: tuple[object, ...]
    written: tuple[tuple[bytes, bytes] | None, ...]
    records: tuple[tuple[list[Ticks], list[Array]], ...]
    flows: tuple[tuple[float, float], ...]
    participants: tuple[Participant, ...]


def can_vary_step(participant: Participant) -> bool:
    """Tell whether ``participant`` takes steps of any size."""
    capabilities = participant.instance.description.capabilities
    return capabilities.can_vary_step and capabilities.fixed_step is None


def can_roll_back(participant: Participant) -> bool:
    """Tell whether ``participant`` can go back and step again, less far."""
    return can_vary_step(participant) and participant.instance.description.capabilities.can_get_and_set_state


class Network:
    """Active participants, senders first; a new one is made whenever components fall asleep or wake."""

    def __init__(self, participants: Sequence[Participant], board: Array, counts: Counts | None = None) -> None:
        self.participants = tuple(participants)
        self.board = board
        self.counts = counts or Counts()
        sizes = {participant.step_size for participant in self.participants}
        self.is_multi_rate = len(sizes) > 1
        self.has_streams = any(participant.inflows for participant in self.participants)
        self.window = max(sizes, default=Ticks(0))
        self.can_vary_step = all(can_vary_step(participant) for participant in self.participants)
        self.can_roll_back = all(can_roll_back(participant) for participant in self.participants)
        self._outlets = tuple(outlet for participant in self.participants for outlet in participant.outlets)
        self._inflows = tuple(inflow for participant in self.participants for inflow in participant.inflows)
        for participant in self.participants:
            participant.begin_recording(is_multi_rate=self.is_multi_rate)
        self.crew = Crew(self.participants)
        active = set(self.participants)
        self.upstream = {
            participant.name: tuple(dict.fromkeys(flow.sender for flow in participant.inflows if flow.sender in active))
            for participant in self.participants
        }

    def save(self, among: Sequence[Participant] | None = None) -> Memory:
        """Take a snapshot, of participants ``among`` alone where given; ``release`` it when no longer needed.

        The board is kept whole: nobody else may step between ``save`` and ``restore``.
        """
        participants = self.participants if among is None else tuple(among)
        return Memory(
            self.board.copy(),
            tuple([participant.time for participant in participants]),
            tuple([participant.instance.get_state() for participant in participants]),
            tuple([participant.written for participant in participants]),
            tuple([(outlet.times, outlet.history) for outlet in self._outlets]) if self.is_multi_rate else (),
            tuple([(flow.last_flow, flow.last_temperature) for flow in self._inflows]),
            participants,
        )

    def restore(self, memory: Memory) -> None:
        """Go back to ``memory``, any number of times."""
        np.copyto(self.board, memory.board)
        for participant, time, state, written in zip(
            memory.participants, memory.times, memory.instances, memory.written, strict=True
        ):
            participant.instance.set_state(state)
            participant.time, participant.written = time, written
            participant.is_dead = False
            if participant.samples is not None:
                participant.samples = []
        for outlet, (times, history) in zip(self._outlets, memory.records, strict=False):
            outlet.times, outlet.history = list(times), list(history)
        for inflow, (flow, temperature) in zip(self._inflows, memory.flows, strict=True):
            inflow.last_flow, inflow.last_temperature = flow, temperature

    def release(self, memory: Memory) -> None:
        """Free the instances' snapshots in ``memory``."""
        for participant, state in zip(memory.participants, memory.instances, strict=True):
            participant.instance.free_state(state)
