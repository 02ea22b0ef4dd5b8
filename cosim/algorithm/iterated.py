"""Iterated: loops are stepped again and again, until what goes round in them no longer changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.exchange import Exchange, Traces, begin_traces
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.monitor import Monitor, watch_couplings
from cosim.algorithm.network import Network
from cosim.algorithm.option import option
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.clock import format_ticks
from cosim.errors import ConvergenceError
from cosim.system.graph import strongly_connected


@dataclass(frozen=True, slots=True)
class Loop:
    """A strongly connected part of the network; ``monitor`` reads what its members pass on to each other."""

    members: tuple[Participant, ...]
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class Iteration:
    """Parts of the network, senders first, and the traces of what they sent."""

    parts: tuple[Loop, ...]
    traces: Traces


@dataclass(frozen=True, slots=True)
class Iterated(AbstractAlgorithm[Iteration]):
    """Strongly connected parts are stepped again from where they began, until their outputs agree with their inputs.

    Each pass is one of Gauss–Seidel in which inputs follow a polynomial of degree ``extrapolation`` through the
    sender's last communication points and the end of the step, as the pass before has found it. An output has converged
    when it changes by no more than ``relative`` × its size + ``absolute``. The first pass extrapolates. The rest of the
    network is stepped in order, once.

    Order 2 where inputs are held at the mean of that polynomial. Streams against the order arrive one step late, as
    with Gauss–Seidel. With unequal steps, and where a component cannot go back, the network is stepped once, by
    Gauss–Seidel with the same ``extrapolation``.

    Raises
    ------
    ConvergenceError
        When a loop has not converged after ``most_iterations``.
    """

    needs_rollback = True
    needs_equal_steps = True

    extrapolation: int = option(2, "degree of the polynomial that inputs follow", least=1, most=2)
    relative: float = option(1e-6, "change of an output between passes, relative to its size", least=1e-14, most=1.0)
    absolute: float = option(1e-9, "change of an output that is always allowed, in its unit", least=0.0)
    most_iterations: int = option(20, "passes over a loop before the run ends with an error", least=2, most=1000)

    def init(self, network: Network) -> Iteration:
        """Find the loops; forget what was before."""
        traces = begin_traces(network, self.extrapolation)
        return Iteration(_parts(network, traces), traces)

    def step(self, network: Network, window: Window, state: Iteration) -> Iteration:
        """Step part after part, loops until they agree."""
        if network.is_multi_rate or not network.can_roll_back:
            traces = GaussSeidel(self.extrapolation).step(network, window, state.traces)
            assert traces is not None
            return Iteration(state.parts, traces)
        exchange = Exchange(state.traces)
        for part in state.parts:
            if len(part.members) == 1:
                _pass(part.members, exchange, window)
            else:
                self._iterate(network, part, exchange, window)
        return Iteration(state.parts, exchange.result())

    def _iterate(self, network: Network, part: Loop, exchange: Exchange, window: Window) -> None:
        memory = network.save(part.members)
        try:
            _pass(part.members, exchange, window)
            found = part.monitor.read()
            for _ in range(self.most_iterations - 1):
                network.counts.iterations += 1
                network.restore(memory)
                _pass(part.members, exchange, window)
                before, found = found, part.monitor.read()
                shares = self._shares(found - before, found)
                if np.all(shares <= 1.0):
                    return
            raise self._not_converged(part.monitor, found - before, shares, window)
        finally:
            network.release(memory)

    def _shares(self, change: Array, found: Array) -> Array:
        shares: Array = np.abs(change) / (self.relative * np.abs(found) + self.absolute + 1e-300)
        return shares

    def _not_converged(self, monitor: Monitor, change: Array, shares: Array, window: Window) -> ConvergenceError:
        worst = np.argsort(-shares)[:20]
        listed = ", ".join(f"{monitor.name(int(i))} (changed by {change[i]:.3g})" for i in worst)
        component, _, variable = monitor.name(int(worst[0])).partition(".")
        return ConvergenceError(
            f"The loop did not converge in the communication step from t = {format_ticks(window.start)} to "
            f"{format_ticks(window.end)}: after {self.most_iterations} iterations outputs still change by more than "
            f"relative {self.relative:g} + absolute {self.absolute:g}: {listed}. Give the phase a shorter step, or the "
            "algorithm more 'most_iterations'.",
            component=component,
            variable=variable,
        )


def _pass(members: Sequence[Participant], exchange: Exchange, window: Window) -> None:
    for participant in members:
        exchange.gather(participant, window.end)
        exchange.advance(participant, window.end)
    for participant in members:
        exchange.settle(participant)


def _parts(network: Network, traces: Traces) -> tuple[Loop, ...]:
    """Return the strongly connected parts of connections, in the order in which they can be stepped."""
    order: Mapping[str, int] = {participant.name: i for i, participant in enumerate(network.participants)}
    after: dict[str, list[str]] = {name: [] for name in order}
    for participant in network.participants:
        senders = [link.sender for link in traces.links[participant.name]]
        senders += [flow.sender for flow in participant.inflows if flow.sender.name in order]
        for sender in senders:
            after[sender.name].append(participant.name)
    by_name = {participant.name: participant for participant in network.participants}
    parts = strongly_connected(list(order), after)
    members = [tuple(by_name[name] for name in sorted(part, key=order.__getitem__)) for part in parts]
    return tuple(Loop(part, watch_couplings(part)) for part in members)
