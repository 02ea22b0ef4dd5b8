"""Jacobi: all at once, each with what the others put out at the last communication point."""

from __future__ import annotations

from dataclasses import dataclass

from cosim.algorithm.contract import AbstractAlgorithm, AbstractSweeping, Sweep, Window
from cosim.algorithm.exchange import Exchange, Traces, begin_traces
from cosim.algorithm.gauss_seidel import step_at_several_rates
from cosim.algorithm.network import Network
from cosim.algorithm.option import option
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class Jacobi(AbstractAlgorithm[Traces | None], AbstractSweeping):
    """No component sees what another does in the same step; independent of the order.

    Streams arrive one step late and are in transit meanwhile. In the last window of a phase they arrive at once, so
    that nothing is left in transit; with unequal steps that window is one of Gauss–Seidel. In a window that
    is shortened otherwise, a share arrives, because all at once would be a surge.

    Order 1 with inputs held. With ``extrapolation`` 1 or 2, inputs are held at the mean, over the step, of a polynomial
    of that degree through the sender's last communication points: order 2 in connections. Order 3
    with degree 2 where senders tell derivatives of outputs and receivers let inputs move within a step.
    """

    delays_streams = True

    extrapolation: int = option(
        0, "degree of the polynomial that inputs follow beyond communication points", least=0, most=2
    )

    @property
    def sweep(self) -> Sweep | None:  # noqa: D102
        return None if self.extrapolation else Sweep.SIMULTANEOUS

    def init(self, network: Network) -> Traces | None:
        """Forget what was before: it does not tell what comes."""
        return begin_traces(network, self.extrapolation) if self.extrapolation else None

    def step(self, network: Network, window: Window, state: Traces | None) -> Traces | None:
        """Gather all inputs, then step every participant."""
        exchange = None if state is None else Exchange(state)
        if network.is_multi_rate:
            if window.is_last and network.has_streams:
                step_at_several_rates(network, window, exchange)
            else:
                _step_at_several_rates(network, window, exchange)
        else:
            _step_together(network, window, exchange)
        return None if exchange is None else exchange.result()


def _step_together(network: Network, window: Window, exchange: Exchange | None) -> None:
    for participant in network.participants:
        if exchange is None:
            participant.gather_wires()
        else:
            exchange.gather_wires(participant, window.end)
        if not window.is_last:
            participant.gather_streams(window.end, is_late=True)
    if exchange is None and not window.is_last and network.crew.pays():
        network.crew.advance(network.participants, window.end)
        return
    for participant in network.participants:
        if window.is_last:
            participant.gather_streams(window.end)
        if exchange is not None:
            exchange.move(participant, window.end)
        participant.advance(window.end)
    if exchange is not None:
        exchange.note_all(network.participants)


def _step_at_several_rates(network: Network, window: Window, exchange: Exchange | None) -> None:
    """Gather at the start of each component's step, and step when all others have come to its end."""
    for participant in network.participants:
        participant.begin_window(window.end)
    ends = dict.fromkeys(network.participants, window.start)
    now = window.start
    while True:
        for participant in [item for item in network.participants if ends[item] == now]:
            ends[participant] = Ticks(min(now + participant.step_size, window.end))
            if exchange is None:
                participant.gather(ends[participant], is_late=True)
            else:
                exchange.gather(participant, ends[participant], is_late=True)
        now = min(ends.values())
        arrived = [participant for participant in network.participants if ends[participant] == now]
        for participant in arrived:
            if exchange is not None:
                exchange.move(participant, now)
            participant.advance(now)
        if exchange is not None:
            exchange.note_all(arrived)
        if now == window.end and all(end == now for end in ends.values()):
            return
