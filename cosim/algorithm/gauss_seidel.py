"""Gauss–Seidel: one after the other, senders first."""

from dataclasses import dataclass

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.network import Network
from cosim.algorithm.participant import Participant
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class GaussSeidel(AbstractAlgorithm[None]):
    """Each component steps with what those before it in the graph have just put out; order 1.

    Streams along the order arrive in the step in which they were sent; against it (in a loop) one step late. With
    unequal steps, the component that is furthest behind goes first, and before it, its senders up to its next
    communication point.
    """

    def init(self, network: Network) -> None:
        """Need no state."""

    def step(self, network: Network, window: Window, state: None) -> None:
        """Step every participant in order."""
        if network.is_multi_rate:
            _step_at_several_rates(network, window)
            return
        end = window.end
        for participant in network.participants:
            participant.gather(end)
            participant.advance(end)


def _step_at_several_rates(network: Network, window: Window) -> None:
    for participant in network.participants:
        participant.begin_window(window.end)
    rank = {participant: i for i, participant in enumerate(network.participants)}
    while True:
        behind = min(network.participants, key=lambda participant: (participant.time, rank[participant]))
        if behind.time >= window.end:
            return
        _advance(behind, network, rank)


def _advance(participant: Participant, network: Network, rank: dict[Participant, int]) -> None:
    """Step ``participant`` once, after its senders have gone at least as far."""
    end = Ticks(min(participant.time + participant.step_size, participant.window_end))
    for sender in network.upstream[participant.name]:
        while rank[sender] < rank[participant] and sender.time < end:
            _advance(sender, network, rank)
    participant.gather(end)
    participant.advance(end)
