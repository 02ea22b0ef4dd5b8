"""Many windows at once, where nothing but stepping happens and components can be stepped by C code."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

from cosim.algorithm.compiled import CompiledNetwork, Trigger, Watched, compile_network
from cosim.algorithm.contract import AbstractAlgorithm, AbstractSweeping, Sweep
from cosim.algorithm.network import Network
from cosim.algorithm.outlet import Array
from cosim.clock import Ticks
from cosim.execution.activation import Activation
from cosim.execution.assembly import place_of
from cosim.execution.events import Events
from cosim.execution.watch import VolumeMargin, Watch

LONGEST: Final = 0.1
"""Wall time [s] that a leap should take at most: an interrupt waits so long."""
FIRST: Final = 4
"""Windows of the first leap, which tells how long a window takes."""
LEAST: Final = 4
"""Windows for which a leap pays."""
_TRIES: Final = 2
"""Times to compile a network: a component whose state was restored has to be stepped once in Python first."""


class Leaping:
    """Knows how the present network is stepped by C code, if it can be, and how far a leap should go."""

    def __init__(self, library: ctypes.CDLL | None, algorithm: AbstractAlgorithm[Any]) -> None:
        self._library = library
        self._sweep = algorithm.sweep if isinstance(algorithm, AbstractSweeping) else None
        self._network: Network | None = None
        self._compiled: CompiledNetwork | None = None
        self._most = FIRST
        self._n_tries = 0

    def compiled(self, network: Network) -> CompiledNetwork | None:
        """Return ``network`` compiled; None where it is stepped in Python."""
        if self._library is None or self._sweep is None:
            return None
        batches = None if self._sweep is Sweep.SIMULTANEOUS else network.crew.batches
        network.crew.look()
        if network.crew.is_new or network.crew.pays(batches):  # threads may gain more than C code
            return None
        if self._network is not network:
            self._network, self._most, self._n_tries, self._compiled = network, FIRST, _TRIES, None
        if self._compiled is None and self._n_tries:
            self._n_tries -= 1
            is_simultaneous = self._sweep is Sweep.SIMULTANEOUS
            self._compiled = compile_network(self._library, network, is_simultaneous=is_simultaneous)
        return self._compiled

    def give_up(self) -> None:
        """Step the present network in Python from now on."""
        self._compiled, self._n_tries = None, 0

    @property
    def most(self) -> int:
        """How many windows a leap may take."""
        return max(self._most, LEAST)

    def note(self, seconds: float) -> None:
        """Learn how long [s] a window takes."""
        self._most = max(min(int(LONGEST / max(seconds, 1e-9)), 64 * self._most), 1)


def watched_by(watches: Sequence[Watch], events: Events, activation: Activation, board: Array) -> list[Watched]:
    """Return what ends a leap, ``watches`` first."""
    found = [watch.margin.watched() for watch in watches]
    for margin in events.ceasing():
        item = margin.watched()
        found.append(Watched(Trigger.IS_NEGATIVE, item.left, item.right, item.factor, item.offset, item.sign))
    for flow, before in activation.blocked:
        found.append(Watched(Trigger.GREW, place_of(flow.outlet.totals, board), offset=before))
    return found


def may_end_soon(watches: Sequence[Watch], window: Ticks) -> bool:
    """Tell whether a volume may be reached within the next windows, which Python then takes one by one."""
    volumes = [watch.margin for watch in watches if isinstance(watch.margin, VolumeMargin)]
    return any(margin.is_soon(window) for margin in volumes)


def windows_before(start: Ticks, size: Ticks, limit: Ticks) -> int:
    """Return how many windows of ``size`` from ``start`` end before ``limit``."""
    return max((limit - 1 - start) // size, 0)
