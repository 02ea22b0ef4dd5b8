"""Gauss–Seidel: one after the other, senders first."""

from dataclasses import dataclass

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.network import Network
from cosim.algorithm.node import Node
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
        """Step every node in order."""
        if network.is_multi_rate:
            _step_at_several_rates(network, window)
            return
        end = window.end
        for node in network.nodes:
            node.gather(end)
            node.advance(end)


def _step_at_several_rates(network: Network, window: Window) -> None:
    for node in network.nodes:
        node.begin_window(window.end)
    rank = {node: i for i, node in enumerate(network.nodes)}
    while True:
        behind = min(network.nodes, key=lambda node: (node.time, rank[node]))
        if behind.time >= window.end:
            return
        _advance(behind, network, rank)


def _advance(node: Node, network: Network, rank: dict[Node, int]) -> None:
    """Step ``node`` once, after its senders have gone at least as far."""
    end = Ticks(min(node.time + node.step_size, node.window_end))
    for sender in network.upstream[node.name]:
        while rank[sender] < rank[node] and sender.time < end:
            _advance(sender, network, rank)
    node.gather(end)
    node.advance(end)
