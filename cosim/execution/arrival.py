"""How long a change of flow is on its way to what a condition reads, where streams arrive one step late."""

from __future__ import annotations

from typing import Final

from cosim.algorithm.network import Network
from cosim.algorithm.transfer import Transfer
from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.execution.assembly import System

ALIKE: Final = 0.1
"""Share of a flow by which what arrives next may differ from it and still be the same flow."""


def arrivals(system: System, network: Network, *, is_late: bool) -> dict[str, Ticks]:
    """Return how long the flows of ``network``, just passed on as they are now, take to arrive, by receiver.

    A late stream brings in the next step what was sent in the last: nothing where it begins to flow. ``is_late``:
    every stream is, not only those against the order. What is downstream waits for all of them; in a loop, once round.
    """
    rank = {participant.name: i for i, participant in enumerate(network.participants)}
    changed = {
        flow
        for participant in network.participants
        for flow in participant.inflows
        if flow.sender.name in rank and (is_late or rank[flow.sender.name] >= rank[participant.name]) and _changes(flow)
    }
    waits = dict.fromkeys(rank, 0)
    for _ in range(2 if changed else 0):  # senders come first; the second time, what goes against that has been round
        for participant in network.participants:
            streams = [(flow.sender.name, flow in changed) for flow in participant.inflows]
            wires = [(wire.sender, False) for wire in system.wires.get(participant.name, ())]
            steps = [
                waits[sender] + (is_new or (is_late and waits[sender] > 0))
                for sender, is_new in [*streams, *wires]
                if sender in waits
            ]
            waits[participant.name] = max(steps, default=0)
    return {name: Ticks(n * network.window) for name, n in waits.items() if n}


def _changes(flow: Transfer) -> bool:
    """Tell whether the next delivery of ``flow`` will not be what flows now."""
    now = float(flow.target.inputs[flow.flow])
    waiting = float(flow.outlet.totals[0] - flow.delivered[0]) * flow.volume_factor
    following = waiting * TICKS_PER_SECOND / flow.sender.step_size
    return abs(following - now) > ALIKE * max(abs(now), abs(following))
