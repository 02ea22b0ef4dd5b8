"""Gauss–Seidel: one after the other, senders first."""

from __future__ import annotations

from dataclasses import dataclass

from cosim.algorithm.contract import AbstractAlgorithm, AbstractSweeping, Sweep, Window
from cosim.algorithm.exchange import Exchange, Traces, begin_traces
from cosim.algorithm.network import Network
from cosim.algorithm.option import option
from cosim.algorithm.participant import Participant
from cosim.clock import Ticks


@dataclass(frozen=True, slots=True)
class GaussSeidel(AbstractAlgorithm[Traces | None], AbstractSweeping):
    """Each component steps with what those before it in the graph have just put out.

    Streams along the order arrive in the step in which they were sent; against it (in a loop) one step late. With
    unequal steps, the component that is furthest behind goes first, and before it, its senders up to its next
    communication point.

    Order 1 with inputs held. With ``extrapolation`` 1 or 2, inputs are held at the mean of a polynomial of that degree
    through the sender's last communication points, which for senders earlier in the graph include the end of the step:
    order 2 in connections. In loops degree 1 usually has the smaller error, without loops degree 2. Order 3 with degree
    2 where senders tell derivatives of outputs and receivers let inputs move within a step.
    """

    extrapolation: int = option(
        0, "degree of the polynomial that inputs follow between communication points", least=0, most=2
    )

    @property
    def sweep(self) -> Sweep | None:  # noqa: D102
        return None if self.extrapolation else Sweep.SEQUENTIAL

    def init(self, network: Network) -> Traces | None:
        """Forget what was before: it does not tell what comes."""
        return begin_traces(network, self.extrapolation) if self.extrapolation else None

    def step(self, network: Network, window: Window, state: Traces | None) -> Traces | None:
        """Step every participant in order."""
        if state is None:
            _step_held(network, window)
            return None
        exchange = Exchange(state)
        if network.is_multi_rate:
            step_at_several_rates(network, window, exchange)
        else:
            for participant in network.participants:
                exchange.gather(participant, window.end)
                exchange.advance(participant, window.end)
        for participant in network.participants:
            exchange.settle(participant)
        return exchange.result()


def _step_held(network: Network, window: Window) -> None:
    if network.is_multi_rate:
        step_at_several_rates(network, window, None)
        return
    end, crew = window.end, network.crew
    if crew.pays(crew.batches):
        for batch in crew.batches:
            for participant in batch:
                participant.gather(end)
            crew.advance(batch, end)
        return
    for participant in network.participants:
        participant.gather(end)
        participant.advance(end)


def step_at_several_rates(network: Network, window: Window, exchange: Exchange | None) -> None:
    """Step whoever is furthest behind, until all have come to the end of ``window``; inputs are held or exchanged."""
    for participant in network.participants:
        participant.begin_window(window.end)
    rank = {participant: i for i, participant in enumerate(network.participants)}
    while True:
        behind = min(network.participants, key=lambda participant: (participant.time, rank[participant]))
        if behind.time >= window.end:
            return
        _advance(behind, network, rank, exchange)


def _advance(
    participant: Participant, network: Network, rank: dict[Participant, int], exchange: Exchange | None
) -> None:
    """Step ``participant`` once, after its senders have gone at least as far."""
    end = Ticks(min(participant.time + participant.step_size, participant.window_end))
    for sender in network.upstream[participant.name]:
        while rank[sender] < rank[participant] and sender.time < end:
            _advance(sender, network, rank, exchange)
    if exchange is None:
        participant.gather(end)
        participant.advance(end)
    else:
        exchange.gather(participant, end)
        exchange.advance(participant, end)
