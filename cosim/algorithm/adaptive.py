"""Adaptive: Gauss–Seidel with steps as long as the error allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cosim.algorithm.contract import AbstractAlgorithm, Window
from cosim.algorithm.exchange import Traces, begin_traces
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.monitor import Monitor, watch_couplings
from cosim.algorithm.network import Memory, Network
from cosim.algorithm.option import option
from cosim.algorithm.outlet import Array
from cosim.algorithm.polynomial import Trace, begin_trace
from cosim.clock import Ticks
from cosim.errors import StepDiscarded

SAFETY: Final = 0.9
"""Share of the step that would just meet the tolerance."""
INTEGRAL_GAIN: Final = 0.7
PROPORTIONAL_GAIN: Final = 0.4
"""Exponents of the error and of the one before it, times the order. Source: Hairer & Wanner (1996), section IV.2."""
LEAST_FACTOR: Final = 0.2
MOST_FACTOR: Final = 5.0
LEAST_ERROR: Final = 1e-4
"""Error below which the next step does not depend on how small it was."""
DEGREE: Final = 2
"""Of the polynomial that inputs follow: in trials 2 was more accurate than 1 at the same cost."""


@dataclass(frozen=True, slots=True)
class Progression:
    """How long the next step shall be, what the last error was, and what is known of the couplings.

    ``size`` and ``last`` are the next step and the last accepted one; ``largest`` are the largest values so far.
    """

    size: Ticks
    last: Ticks
    error: float
    traces: Traces
    watched: Trace
    largest: Array
    monitor: Monitor
    decisive: int = 0
    """Which of the watched values had the largest error in the last step."""


@dataclass(frozen=True, slots=True)
class Adaptive(AbstractAlgorithm[Progression]):
    """Steps shorter than the phase's where couplings change fast; what is recorded keeps the phase's step.

    All components take the same step, by Gauss–Seidel with ``extrapolation`` 2: order 2, and 3 with derivatives, of
    which the estimates know nothing: errors are then usually smaller than they say. ``estimate`` tells what the
    error of a step is: ``doubling``, the difference at its end between one step and two half as long, of which the
    two are kept; ``predictor``, the difference between what couplings have become and a line through the two
    communication points before. An error larger than ``relative`` × the largest value so far + ``absolute`` takes the
    step back, where all components can go back. A PI controller chooses the next.

    Where a component cannot go back, the error is that of the predictor and no step is taken back; where one cannot
    vary its step, all take the phase's step. Steps that are kept although their error is too large are counted, and the
    run warns of them. A step that a component discards is taken back too, and half of it is
    tried, or as much as the component came through, down to ``smallest``.
    """

    needs_rollback = True
    needs_variable_step = True
    needs_equal_steps = True

    relative: float = option(1e-4, "error of a step, relative to the largest value so far", least=1e-12, most=1.0)
    absolute: float = option(1e-9, "error of a step that is always allowed, in each variable's unit", least=0.0)
    estimate: str = option("doubling", "how the error is estimated", choices=("doubling", "predictor"))
    first: float = option(0.01, "first step after an event, share of the phase's step", least=1e-9, most=1.0)
    smallest: float = option(
        1e-6, "shortest step, share of the phase's; it is kept whatever its error", least=1e-9, most=1.0
    )

    def init(self, network: Network) -> Progression:
        """Begin with a short step."""
        monitor = watch_couplings(network.participants)
        first = Ticks(max(round(self.first * network.window), 1))
        time = network.participants[0].time if network.participants else Ticks(0)
        watched = begin_trace(time, monitor.read())
        return Progression(first, first, 1.0, begin_traces(network, DEGREE), watched, np.abs(monitor.read()), monitor)

    def step(self, network: Network, window: Window, state: Progression) -> Progression:
        """Go through the window in as many steps as it takes."""
        if network.is_multi_rate or not network.can_vary_step:
            return replace(state, traces=_step(network, window.start, window.end, state.traces))
        sizes = [participant.step_size for participant in network.participants]
        time = window.start
        while time < window.end:
            for participant in network.participants:  # tells receivers over how long what is late was sent
                participant.step_size = state.last
            time, state = self._advance(network, time, window.end, state)
        for participant, size in zip(network.participants, sizes, strict=True):
            participant.step_size = size
        return state

    def _advance(self, network: Network, time: Ticks, limit: Ticks, state: Progression) -> tuple[Ticks, Progression]:
        """Take one step that is accepted."""
        shortest = max(round(self.smallest * network.window), 2)
        while True:
            rest = limit - time
            size = Ticks(rest if state.size >= rest else min(state.size, max(rest // 2, 1)))
            end = Ticks(time + size)
            memory = network.save() if network.can_roll_back else None
            try:
                error, taken = self._attempt(network, time, end, state, memory)
            except StepDiscarded as refusal:
                if memory is None or size <= shortest:
                    raise
                _take_back(network, memory, state)
                state = replace(state, size=_accepted_by(refusal, time, size, shortest))
                continue
            is_accepted = memory is None or error <= 1.0 or size <= shortest
            if memory is not None and not is_accepted:
                network.restore(memory)
                network.counts.rejected += 1
            if memory is not None:
                network.release(memory)
            if is_accepted:
                if error > 0.0:
                    network.counts.decide(state.monitor.name(taken.decisive))
                if error > 1.0:
                    network.counts.miss(state.monitor.name(taken.decisive), error)
                return end, self._accept(taken, state, size, error, shortest=shortest)
            state = replace(state, size=_sized(size, _factor(error, error, self._order), shortest))

    @property
    def _order(self) -> int:
        return 3 if self.estimate == "doubling" else 2

    def _attempt(
        self, network: Network, time: Ticks, end: Ticks, state: Progression, memory: Memory | None
    ) -> tuple[float, Progression]:
        """Step to ``end`` from ``memory``; return the error over what is allowed, and the state there.

        The predictor knows no line in the first step, which is judged by doubling, or counts as just allowed.
        """
        is_first = len(state.watched.times) == 1
        if (self.estimate == "doubling" or is_first) and memory is not None and end - time > 1:
            return self._attempt_twice(network, time, end, state, memory)
        expected = state.watched.at(end)
        traces = _step(network, time, end, state.traces)
        found = state.monitor.read()
        watched = state.watched.then(end, found, 2)
        taken = replace(state, last=Ticks(end - time), traces=traces, watched=watched, largest=_largest(state, found))
        return (1.0, taken) if is_first else self._judge(found - expected, taken)

    def _attempt_twice(
        self, network: Network, time: Ticks, end: Ticks, state: Progression, memory: Memory
    ) -> tuple[float, Progression]:
        _step(network, time, end, state.traces)
        whole = state.monitor.read()
        network.restore(memory)
        network.counts.repeated += 1
        middle = Ticks((time + end) // 2)
        traces = _step(network, time, middle, state.traces)
        for participant in network.participants:
            participant.step_size = Ticks(middle - time)
        traces = _step(network, middle, end, traces)
        found = state.monitor.read()
        watched = state.watched.then(end, found, 2)
        last = Ticks(end - middle)
        taken = replace(state, last=last, traces=traces, watched=watched, largest=_largest(state, found))
        for participant in network.participants:
            participant.step_size = state.last
        return self._judge((found - whole) / 3.0, taken)  # 2^order − 1

    def _judge(self, difference: Array, state: Progression) -> tuple[float, Progression]:
        """Return the largest error over what is allowed, and the state that knows whose it is."""
        if not len(difference):
            return 0.0, state
        shares = np.abs(difference) / (self.relative * state.largest + self.absolute + 1e-300)
        decisive = int(np.argmax(shares))
        return float(shares[decisive]), replace(state, decisive=decisive)

    def _accept(
        self, taken: Progression, before: Progression, size: Ticks, error: float, *, shortest: int
    ) -> Progression:
        proposed = _sized(size, _factor(error, before.error, self._order), shortest)
        if size < before.size and error <= 1.0:  # cut short by the end of a window, which says nothing against more
            proposed = max(proposed, before.size)
        return replace(taken, size=proposed, error=max(error, LEAST_ERROR))


def _step(network: Network, start: Ticks, end: Ticks, traces: Traces) -> Traces:
    result = GaussSeidel(DEGREE).step(network, Window(start, end), traces)
    assert result is not None
    return result


def _take_back(network: Network, memory: Memory, state: Progression) -> None:
    """Undo a step that a component has discarded, in whatever part of it that was."""
    network.restore(memory)
    network.release(memory)
    network.counts.rejected += 1
    for participant in network.participants:
        participant.step_size = state.last


def _accepted_by(refusal: StepDiscarded, time: Ticks, size: int, shortest: int) -> Ticks:
    """Return the step to try after one of ``size``: half of it, or less where the component came less far."""
    reached = size if refusal.reached is None else refusal.reached - time
    return Ticks(max(min(size // 2, reached) if reached > 0 else size // 2, shortest))


def _largest(state: Progression, found: Array) -> Array:
    return np.maximum(state.largest, np.abs(found))


def _factor(error: float, before: float, order: int) -> float:
    """Return by what the step is multiplied next, after an ``error`` of 1 where it is just allowed."""
    if error == 0.0:
        return MOST_FACTOR
    if not np.isfinite(error):
        return LEAST_FACTOR
    factor: float = SAFETY * error ** (-INTEGRAL_GAIN / order) * before ** (PROPORTIONAL_GAIN / order)
    return min(max(factor, LEAST_FACTOR), MOST_FACTOR)


def _sized(size: int, factor: float, shortest: int) -> Ticks:
    return Ticks(max(round(size * factor), shortest))
