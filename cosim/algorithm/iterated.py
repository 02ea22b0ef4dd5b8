"""Iterated: loops are stepped again and again, until what goes round in them no longer changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.correction import Pass, Passes, aitken, differences, gains_little, newton, quasi_newton, relax
from cosim.algorithm.exchange import Exchange, Traces, first_traces
from cosim.algorithm.feedthrough import slopes_of_pass
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.monitor import Monitor
from cosim.algorithm.network import Network
from cosim.algorithm.option import option
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.clock import TICKS_PER_SECOND, format_ticks
from cosim.errors import ConvergenceError
from cosim.system.graph import strongly_connected

MOST_BEGINNINGS: Final = 10
"""Newton steps for a loop before the first step."""
MOST_LISTED: Final = 20
"""Outputs that a message names."""


@dataclass(frozen=True, slots=True)
class Part:
    """A strongly connected part of the network; ``interface`` is what goes round in it, nothing where that is late."""

    members: tuple[Participant, ...]
    interface: Monitor


@dataclass(frozen=True, slots=True)
class Iteration:
    """Parts of the network, senders first, and the traces of what they sent."""

    parts: tuple[Part, ...]
    traces: Traces


@dataclass(frozen=True, slots=True)
class Iterated(AbstractAlgorithm[Iteration]):
    """Loops of connections are stepped again from where they began, until outputs are those that inputs were made of.

    Each pass is one of Gauss–Seidel in which inputs follow a polynomial of degree ``extrapolation`` through the
    sender's last communication points and a supposed value (with derivatives, where the sender tells them) at the end
    of the step: x = g(x), with g what the pass finds there. The first pass extrapolates, the second supposes what that
    found; for later ones ``correction`` says how x is chosen: ``quasi_newton``, from the differences between passes
    (interface quasi-Newton by least squares, IQN-ILS); ``newton``, from the derivatives that the models tell of what
    follows directly, where all do, else, and after a pass that gains little with them, from difference quotients, one
    more pass per value and iteration; ``relaxation``, the share ``relaxation`` of the
    way to what was found; ``aitken``, a share that begins with that and follows from the residuals. It has converged
    when |g(x) − x| ≤ ``relative`` × |g(x)| + ``absolute`` for every output. The rest of the network is stepped in
    order, once. Algebraic loops are solved in the same way at the end of every step.

    Order 2 where inputs are held at the mean of the polynomial, 3 where they move along it, 4 where senders tell
    derivatives too (all with ``extrapolation`` 2). Streams against the order arrive one step late, as with
    Gauss–Seidel. With unequal steps, and in loops with a component that cannot go back, components are stepped once, by
    Gauss–Seidel with the same ``extrapolation``.

    Source of IQN-ILS: Degroote, Bathe, Vierendeels, Comput. Struct. 87 (2009) 793, doi:10.1016/j.compstruc.2008.11.013.

    Raises
    ------
    ConvergenceError
        When a loop has not converged after ``most_iterations``.
    """

    needs_rollback = True
    needs_equal_steps = True
    solves_loops = True
    without_rollback = "the loop of connections it is joined with is stepped once, with extrapolated inputs"

    extrapolation: int = option(2, "degree of the polynomial that inputs follow", least=1, most=2)
    relative: float = option(1e-6, "residual of an output of a loop, relative to its size", least=1e-14, most=1.0)
    absolute: float = option(1e-9, "residual of an output that is always allowed, in its unit", least=0.0)
    most_iterations: int = option(20, "passes over a loop before the run ends with an error", least=2, most=1000)
    correction: str = option(
        "quasi_newton", "how the next pass is chosen", choices=("quasi_newton", "newton", "relaxation", "aitken")
    )
    relaxation: float = option(0.5, "share of the way to what was found, the first with aitken", least=1e-3, most=1.0)

    def init(self, network: Network) -> Iteration:
        """Find the loops; forget what was before; let outputs be those that belong to the inputs as they are now."""
        traces = first_traces(network, self.extrapolation)
        parts, exchange = _parts(network, traces), Exchange(traces)
        for part in parts:
            if part.interface.places and not traces.direct.isdisjoint(member.name for member in part.members):
                self._begin(part, exchange, network.window / TICKS_PER_SECOND)
            elif traces.rated:
                exchange.begin(part.members)
        return Iteration(parts, exchange.result())

    def step(self, network: Network, window: Window, state: Iteration) -> Iteration:
        """Step part after part, loops until they agree."""
        if network.is_multi_rate:
            traces = GaussSeidel(self.extrapolation).step(network, window, state.traces)
            assert traces is not None
            return Iteration(state.parts, traces)
        exchange = Exchange(state.traces)
        for part in state.parts:
            if part.interface.places and all(_can_go_back(member) for member in part.members):
                self._iterate(network, part, exchange, window)
            else:
                _pass(part.members, exchange, window)
        return Iteration(state.parts, exchange.result())

    def _begin(self, part: Part, exchange: Exchange, size: float) -> None:
        """Solve a loop, of values and derivatives, at the present time: no step is taken.

        One that does not converge keeps its values, which the first step improves, and begins without derivatives.
        """
        interface = part.interface

        def take_pass(supposed: Array) -> Array:
            _suppose(interface, exchange, supposed, size)
            for participant in (*part.members, *part.members):
                exchange.settle(participant, is_direct=True)
            return _sent(interface, exchange, size)

        supposed = _sent(interface, exchange, size)
        for _ in range(MOST_BEGINNINGS):
            found = take_pass(supposed)
            sizes = self._allowed(found)
            if np.all(np.abs(found - supposed) <= sizes):
                return
            tried = [(found, found - supposed)]
            slopes = _stated_slopes(part, exchange)
            supposed = newton(tried, sizes, differences(tried, sizes, take_pass) if slopes is None else slopes)
        exchange.forget_rates(participant for participant, _ in interface.places)

    def _iterate(self, network: Network, part: Part, exchange: Exchange, window: Window) -> None:
        memory = network.save(part.members)
        interface, size = part.interface, (window.end - window.start) / TICKS_PER_SECOND

        def stated() -> Array | None:
            return _stated_slopes(part, exchange)

        def take_pass(supposed: Array) -> Array:
            network.counts.iterations += 1
            network.restore(memory)
            _suppose(interface, exchange, supposed, size)
            _pass(part.members, exchange, window)
            return _sent(interface, exchange, size)

        _pass(part.members, exchange, window)
        found = _sent(interface, exchange, size)
        n_values = len(interface.read())
        tried: list[tuple[Array, Array]] = []
        shares = np.full(n_values, np.inf)
        while len(tried) + 1 < self.most_iterations and np.any(shares > 1.0):
            supposed = self._next(tried, stated, take_pass) if tried else found
            found = take_pass(supposed)
            tried.append((found, found - supposed))
            shares = (np.abs(found - supposed) / self._allowed(found))[:n_values]
        network.release(memory)
        if np.any(shares > 1.0):
            raise self._not_converged(interface, found[:n_values], tried[-1][1][:n_values], window)

    def _next(self, tried: Passes, stated: Callable[[], Array | None], take_pass: Pass) -> Array:
        sizes = self._allowed(tried[-1][0])
        if self.correction == "newton":
            slopes = None if gains_little(tried, sizes) else stated()
            return newton(tried, sizes, differences(tried, sizes, take_pass) if slopes is None else slopes)
        if self.correction == "relaxation":
            return relax(tried, self.relaxation)
        if self.correction == "aitken":
            return aitken(tried, sizes, self.relaxation)
        return quasi_newton(tried, sizes)

    def _allowed(self, found: Array) -> Array:
        sizes: Array = self.relative * np.abs(found) + self.absolute + 1e-300
        return sizes

    def _not_converged(self, interface: Monitor, found: Array, residual: Array, window: Window) -> ConvergenceError:
        worst = np.argsort(-np.abs(residual) / self._allowed(found), kind="stable")
        names = [interface.name(int(i)) for i in worst]
        listed = [f"{name} = {found[i]:.9g} (residual {residual[i]:.3g})" for name, i in zip(names, worst, strict=True)]
        more = f" and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        component, _, variable = names[0].partition(".")
        return ConvergenceError(
            f"A loop did not converge in the step from t = {format_ticks(window.start)} to "
            f"{format_ticks(window.end)}: after {self.most_iterations} iterations some residuals are larger than "
            f"{self.relative:g} × the output + {self.absolute:g}: {', '.join(listed[:MOST_LISTED])}{more}. Give the "
            "phase a shorter step, or the algorithm another 'correction', more 'most_iterations' or a larger "
            "tolerance.",
            component=component,
            variable=variable,
        )


def _can_go_back(participant: Participant) -> bool:
    return participant.instance.description.capabilities.can_get_and_set_state


def _pass(members: Sequence[Participant], exchange: Exchange, window: Window) -> None:
    for participant in members:
        exchange.gather(participant, window.end)
        exchange.advance(participant, window.end)
    for participant in members:
        exchange.settle(participant)


def _stated_slopes(part: Part, exchange: Exchange) -> Array | None:
    """Return ∂g/∂x as the models tell it; derivatives in time follow each other as values do."""
    values = slopes_of_pass(part.members, part.interface, exchange.links)
    if values is None:
        return None
    blocks, begin = [np.arange(len(values))], 0
    for participant, places in part.interface.places:
        own = np.arange(begin, begin := begin + len(places))
        blocks += [own] * len(exchange.traces[participant.name].rates[-1])
    orders = _orders(part.interface, exchange)
    index = np.concatenate(blocks)
    slopes: Array = np.where(orders[:, None] == orders, values[np.ix_(index, index)], 0.0)
    return slopes


def _orders(interface: Monitor, exchange: Exchange) -> NDArray[np.int64]:
    """Return, for each of the values that ``_sent`` returns, which derivative it is."""
    n_values = sum(len(places) for _, places in interface.places)
    rates = [
        np.repeat(np.arange(1, len(exchange.traces[participant.name].rates[-1]) + 1), len(places))
        for participant, places in interface.places
    ]
    return np.concatenate([np.zeros(n_values, dtype=np.int64), *rates])


def _sent(interface: Monitor, exchange: Exchange, size: float) -> Array:
    """Return the outputs at the end of the step, then their derivatives of order k × ``size``ᵏ/k!."""
    points = [(exchange.traces[participant.name], places) for participant, places in interface.places]
    values = [trace.values[-1][places] for trace, places in points]
    rates = [
        trace.rates[-1][k - 1, places] * (size**k / factorial(k))
        for trace, places in points
        for k in range(1, len(trace.rates[-1]) + 1)
    ]
    return np.concatenate([*values, *rates])


def _suppose(interface: Monitor, exchange: Exchange, sent: Array, size: float) -> None:
    """Let receivers see ``sent``, as ``_sent`` returns it, at the end of the step."""
    n_values = sum(len(places) for _, places in interface.places)
    values, rates = sent[:n_values], sent[n_values:]
    for participant, places in interface.places:
        n, n_orders = len(places), len(exchange.traces[participant.name].rates[-1])
        factors = np.array([factorial(k) / size**k for k in range(1, n_orders + 1)])
        slopes = rates[: n * n_orders].reshape(n_orders, n) * factors[:, None]
        exchange.suppose(participant, places, values[:n], slopes)
        values, rates = values[n:], rates[n * n_orders :]


def _parts(network: Network, traces: Traces) -> tuple[Part, ...]:
    """Return the strongly connected parts of connections and streams, in the order in which they can be stepped."""
    by_name = {participant.name: participant for participant in network.participants}
    wires: dict[str, list[str]] = {name: [] for name in by_name}
    both: dict[str, list[str]] = {name: [] for name in by_name}
    for name, participant in by_name.items():
        for link in traces.links[name]:
            wires[link.sender.name].append(name)
        for sender in [link.sender for link in traces.links[name]] + [flow.sender for flow in participant.inflows]:
            if sender.name in both:
                both[sender.name].append(name)
    parts = [tuple(by_name[name] for name in part) for part in strongly_connected(list(by_name), both)]
    return tuple(Part(part, _interface(part, wires, traces)) for part in parts)


def _interface(members: Sequence[Participant], wires: Mapping[str, Sequence[str]], traces: Traces) -> Monitor:
    """Return the outputs that ``members`` pass on in loops of connections."""
    found: dict[Participant, set[int]] = {}
    for names in strongly_connected([member.name for member in members], wires):
        for receiver in names:
            for link in traces.links[receiver]:
                if link.sender.name in names:
                    found.setdefault(link.sender, set()).update(link.sources.tolist())
    return Monitor(tuple((sender, np.array(sorted(places), dtype=np.intp)) for sender, places in found.items()))
