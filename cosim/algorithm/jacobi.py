"""Jacobi: all at once, each with what the others put out at the last communication point."""

from dataclasses import dataclass

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.network import Network
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class Jacobi(AbstractAlgorithm[None]):
    """No component sees what another does in the same step; order 1, and independent of the order.

    Streams arrive one step late and are in transit meanwhile. In the last window of a phase they arrive at once, so
    that nothing is left in transit; with unequal steps that window is one of Gauss–Seidel. In a window that
    is shortened otherwise, a share arrives, because all at once would be a surge.
    """

    def init(self, network: Network) -> None:
        """Need no state."""

    def step(self, network: Network, window: Window, state: None) -> None:
        """Gather all inputs, then step every participant."""
        if network.is_multi_rate:
            if window.is_last and network.has_streams:
                GaussSeidel().step(network, window, None)
            else:
                _step_at_several_rates(network, window)
        elif window.is_last:
            for participant in network.participants:
                participant.gather_wires()
            for participant in network.participants:
                participant.gather_streams(window.end)
                participant.advance(window.end)
        else:
            for participant in network.participants:
                participant.gather(window.end, is_late=True)
            for participant in network.participants:
                participant.advance(window.end)


def _step_at_several_rates(network: Network, window: Window) -> None:
    """Gather at the start of each component's step, and step when all others have come to its end."""
    for participant in network.participants:
        participant.begin_window(window.end)
    ends = dict.fromkeys(network.participants, window.start)
    now = window.start
    while True:
        starting = [participant for participant in network.participants if ends[participant] == now]
        for participant in starting:
            ends[participant] = Ticks(min(now + participant.step_size, window.end))
            participant.gather(ends[participant], is_late=True)
        now = min(ends.values())
        for participant in network.participants:
            if ends[participant] == now:
                participant.advance(now)
        if now == window.end and all(end == now for end in ends.values()):
            return
