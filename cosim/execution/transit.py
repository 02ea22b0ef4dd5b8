"""Warnings that a communication step is too long for what streams carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cosim.algorithm.network import Network
from cosim.algorithm.participant import Participant
from cosim.algorithm.transfer import Transfer
from cosim.clock import Ticks, to_seconds
from cosim.execution.assembly import System
from cosim.execution.record import Record
from cosim.system.graph import stream_loops
from cosim.system.structure import SystemStructure

LARGEST_SHARE_IN_TRANSIT: Final = 1e-3
"""Of the volume held in the flowsheet; a larger one delays what the flowsheet does visibly."""
LARGEST_SHARE_OF_RESIDENCE: Final = 0.1
"""Of the smallest residence time in a loop of streams."""
FIRST_LOOK: Final = 2
WINDOWS_BETWEEN_LOOKS: Final = 64
"""After the first look; then twice as many from one to the next, up to ``MOST_BETWEEN_LOOKS``."""
MOST_BETWEEN_LOOKS: Final = 1024

_HELD = "held_volume"


class TransitWatch:
    """Looks now and then at what is in transit and at residence times in loops."""

    VARYING = ("_flows", "_loops", "_size", "_count", "_due", "_between", "_warned")
    """What a checkpoint holds."""

    def __init__(self, system: System, record: Record) -> None:
        self._system, self._record = system, record
        self._flows: list[Transfer] = []
        self._loops: list[list[Participant]] = []
        self._size = Ticks(0)
        self._count, self._due, self._between = 0, FIRST_LOOK, WINDOWS_BETWEEN_LOOKS
        self._warned: set[tuple[str, Ticks]] = set()
        self._groups = {
            name: participant.instance.group([_HELD])
            for name, participant in system.participants.items()
            if _HELD in participant.instance.description.variables
        }

    def begin(self, network: Network) -> None:
        """Look at ``network`` from now on."""
        participants = set(network.participants)
        transfers = self._system.transfers.values()
        self._flows = [flow for flow in transfers if flow.sender in participants and flow.target in participants]
        self._size = network.window
        self._count, self._due, self._between = 0, FIRST_LOOK, WINDOWS_BETWEEN_LOOKS
        streams = tuple(
            stream
            for stream, flow in self._system.transfers.items()
            if flow.sender in participants and flow.target in participants
        )
        components = {
            participant.name: self._system.structure.components[participant.name]
            for participant in network.participants
        }
        loops = stream_loops(SystemStructure(components, (), streams))
        self._loops = [[self._system.participants[name] for name in loop] for loop in loops]

    def windows_to_look(self) -> int | None:
        """Return which window from now on is the next with a look at its end; None where none is."""
        return self._due - self._count if self._flows else None

    def skip(self, n: int) -> None:
        """Pass over ``n`` windows without a look."""
        self._count += n

    def look(self, time: Ticks) -> None:
        """Warn if a limit is exceeded; does nothing most times."""
        self._count += 1
        if not self._flows or self._count < self._due:
            return
        self._due = self._count + self._between
        self._between = min(2 * self._between, MOST_BETWEEN_LOOKS)
        waiting = [
            float(flow.outlet.totals[0] - flow.delivered[0]) * flow.volume_factor * self._factor(flow)
            for flow in self._flows
        ]
        worst = int(np.argmax(waiting))
        if waiting[worst] > 0.0:
            self._judge_transit(self._flows[worst], waiting[worst], time)
        for loop in self._loops:
            self._judge_loop(loop, time)

    def forecast(self, network: Network, *, is_late: bool) -> None:
        """Warn of what flows are known to exceed before a step is made; ``is_late``: every stream is one step late."""
        rank = {participant: i for i, participant in enumerate(network.participants)}
        seconds = to_seconds(self._size)
        late = [flow for flow in self._flows if is_late or rank[flow.sender] >= rank[flow.target]]
        waiting = [float(flow.target.inputs[flow.flow]) * self._factor(flow) * seconds for flow in late]
        if waiting and max(waiting) > 0.0:
            worst = int(np.argmax(waiting))
            self._judge_transit(late[worst], waiting[worst], network.participants[0].time)
        for loop in self._loops:
            self._judge_loop(loop, network.participants[0].time)

    def _judge_transit(self, flow: Transfer, waiting: float, time: Ticks) -> None:
        inventory = sum(self._held(name) for name in self._groups)
        if inventory > 0.0 and waiting > LARGEST_SHARE_IN_TRANSIT * inventory:
            needed = to_seconds(self._size) * LARGEST_SHARE_IN_TRANSIT * inventory / waiting
            self._warn(
                flow.name,
                f"{flow.name} has {waiting / inventory:.2g} of the inventory in transit, because it arrives one "
                f"communication step late; up to {LARGEST_SHARE_IN_TRANSIT:g} is accurate.",
                needed,
                time,
            )

    def _judge_loop(self, loop: Sequence[Participant], time: Ticks) -> None:
        for participant in loop:
            inflow = sum(
                float(participant.inputs[flow.flow]) * self._factor(flow)
                for flow in participant.inflows
                if flow in self._flows
            )
            if participant.name not in self._groups or inflow <= 0.0:
                continue
            residence = self._held(participant.name) / inflow
            if to_seconds(self._size) > LARGEST_SHARE_OF_RESIDENCE * residence:
                self._warn(
                    participant.name,
                    f"'{participant.name}' lies in a loop of streams and holds them for {residence:.3g} s, not ten "
                    f"times the communication step of {to_seconds(self._size):g} s.",
                    LARGEST_SHARE_OF_RESIDENCE * residence,
                    time,
                )

    def _factor(self, flow: Transfer) -> float:
        """Return the factor from the target's unit of flow to m3/s."""
        return self._system.structure.amount_factor(flow.target.name, flow.target.input_names[flow.flow])

    def _held(self, name: str) -> float:
        """Return the volume in component ``name`` [m3]."""
        participant = self._system.participants[name]
        if not participant.is_initialised:
            return 0.0
        value = np.zeros(1)
        participant.instance.read(self._groups[name], value)
        return float(value[0]) * self._system.structure.amount_factor(name, _HELD)

    def _warn(self, subject: str, text: str, needed: float, time: Ticks) -> None:
        """Warn once per subject and network."""
        if (subject, self._size) not in self._warned:
            self._warned.add((subject, self._size))
            self._record.warn(time, subject, f"{text} A step of {needed:.2g} s would do.")
