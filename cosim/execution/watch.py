"""Conditions watched while the execution goes on, and finding the moment when they begin to hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from cosim.algorithm.compiled import Inlet, Trigger, Watched
from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.execution.amounts import passing_factor
from cosim.execution.assembly import System, place_of
from cosim.system.experiment import Comparison, DeliveredVolume
from cosim.system.stream import VOLUME
from cosim.system.variable import VariableName

VOLUME_ROUND_OFF: Final = 1e-12
"""Share of a volume to be delivered below which a rest is round-off."""
WINDOWS_AHEAD: Final = 3
"""Windows before a volume is reached from which on every one of them can be taken back."""

Fire = Callable[[Ticks, Ticks], None]
"""Called with the time at which a condition holds, and how late that was noticed."""


class Margin:
    """How far a comparison is from holding: negative below, positive beyond."""

    __slots__ = ("_board", "_factor", "_left", "_offset", "_right", "_sign", "components", "is_strict")

    def __init__(self, comparison: Comparison, system: System) -> None:
        names = [name for name in (comparison.left, comparison.right) if isinstance(name, VariableName)]
        self.components = tuple(name.component for name in names)
        self._board = system.board
        self._left = system.sources[comparison.left]
        self._sign = 1.0 if comparison.operator in (">", ">=") else -1.0
        self.is_strict = comparison.operator in ("<", ">")
        if isinstance(comparison.right, VariableName):
            self._right: int | None = system.sources[comparison.right]
            self._factor, self._offset = comparison.factor, comparison.offset
        else:
            self._right, self._factor, self._offset = None, 0.0, comparison.right

    def watched(self) -> Watched:
        """Return the same for C code."""
        trigger = Trigger.IS_POSITIVE if self.is_strict else Trigger.IS_NOT_NEGATIVE
        return Watched(trigger, self._left, self._right, self._factor, self._offset, self._sign)

    def __call__(self) -> float:
        """Return the margin now."""
        right = self._offset
        if self._right is not None:
            right += self._factor * float(self._board[self._right])
        return self._sign * (float(self._board[self._left]) - right)


class VolumeMargin:
    """How much more than ``volume`` [m3] has entered through some inlets since ``restart``."""

    VARYING = ("_begin", "_was_stepped")
    """What a checkpoint holds."""

    is_strict = False
    components = ()
    """None that have to be waited for: what is on its way does not count before it enters."""

    def __init__(self, ending: DeliveredVolume, system: System) -> None:
        self._volume, self._board = ending.volume, system.board
        self._inlets: list[Inlet] = []
        for inlet in ending.inlets:
            factor = passing_factor(system.structure, inlet, VOLUME)
            participant = system.participants[inlet.component]
            inputs = place_of(participant.inputs, system.board)
            for stream, item in system.transfers.items():
                if stream.target == inlet:
                    amount = place_of(item.delivered, system.board)
                    self._inlets.append(Inlet(amount, inputs + item.flow, item.volume_factor, factor))
            for booking in participant.bookings:
                if booking.name == inlet.port:
                    amount = place_of(booking.booked, system.board)
                    self._inlets.append(Inlet(amount, inputs + booking.flow, 1.0, factor))
        self._begin = 0.0
        self._was_stepped = False
        self.restart()

    def restart(self) -> None:
        """Count from zero again."""
        self._begin = self._count()
        self._was_stepped = False

    def __call__(self) -> float:
        """Return the volume beyond the one wanted, within round-off."""
        slack = VOLUME_ROUND_OFF * self._volume + 2.0 / TICKS_PER_SECOND * self._flow()
        return self._count() - self._begin - self._volume + slack

    def note_step(self) -> None:
        """Know from now on that the flow is that of the last step."""
        self._was_stepped = True

    def rest(self) -> float | None:
        """Return the time [s] until the volume is reached if the flow stays as it is; None when that is unknown."""
        flow = self._flow()
        if not self._was_stepped or flow <= 0.0:
            return None
        return max(self._volume - (self._count() - self._begin), 0.0) / flow

    def watched(self) -> Watched:
        """Return the same for C code, which comes back as soon as ``is_soon``."""
        return Watched(Trigger.IS_DELIVERED, 0, factor=self._volume, offset=self._begin, inlets=tuple(self._inlets))

    def is_soon(self, window: Ticks) -> bool:
        """Tell whether the volume may be reached within about two windows, or nobody knows."""
        rest = self.rest()
        return rest is None or rest * TICKS_PER_SECOND < WINDOWS_AHEAD * window

    def _count(self) -> float:
        count = 0.0  # term by term, as C code does
        for item in self._inlets:
            count += float(self._board[item.amount]) * item.scale * item.factor
        return count

    def _flow(self) -> float:
        flow = 0.0
        for item in self._inlets:
            flow += float(self._board[item.flow]) * item.factor
        return flow


class Watch:
    """A condition with what to do when it begins to hold."""

    VARYING = ("before", "now", "since")
    """What a checkpoint holds."""

    __slots__ = ("before", "ends_phase", "fire", "margin", "now", "since", "text")

    def __init__(self, margin: Margin | VolumeMargin, fire: Fire, text: str, *, ends_phase: bool = False) -> None:
        self.margin, self.fire, self.text, self.ends_phase = margin, fire, text, ends_phase
        self.since = Ticks(0)
        """From when on the condition is judged; 0 where nothing has to be waited for."""
        self.restart()

    def look(self) -> bool:
        """Look whether the condition holds now."""
        self.now = self.margin()
        return self.holds

    @property
    def holds(self) -> bool:
        """True where the condition held when it was last looked at."""
        return self._holds(self.now)

    @property
    def held_before(self) -> bool:
        """True where the condition held at the last communication point already."""
        return self._holds(self.before)

    def restart(self) -> None:
        """Begin to watch from the present on."""
        self.before = self.now = self.margin()

    def keep(self) -> None:
        """Take the present for the last communication point."""
        self.before = self.now

    def lateness(self, start: Ticks, end: Ticks) -> Ticks:
        """Return how long before ``end`` the condition began to hold, if it moved evenly since ``start``."""
        if self.held_before or self.now == self.before:
            return Ticks(0)
        return Ticks(round((end - start) * self.now / (self.now - self.before)))

    def needs_memory(self, window: Ticks) -> bool:
        """Tell whether the condition may begin to hold unannounced within about two windows."""
        return isinstance(self.margin, Margin) or self.margin.is_soon(window)

    def _holds(self, margin: float) -> bool:
        return margin > 0.0 or (margin == 0.0 and not self.margin.is_strict)


def locate(
    go: Callable[[Ticks], None],
    watches: Sequence[Watch],
    window: tuple[Ticks, Ticks],
    tolerance: Ticks,
) -> Ticks:
    """Return the first moment in ``window`` at which one of ``watches`` holds that did not before, to ``tolerance``.

    ``go`` steps from the start of the window to a time in it. All of ``watches`` have just been seen at its end, where
    one holds. Regula falsi, with every fourth step a bisection.
    """
    low, high = window
    below = {watch: watch.before for watch in watches if not watch.held_before}
    above = {watch: watch.now for watch in below}
    holding = [watch for watch in below if watch.look()]
    n = 0
    while high - low > tolerance:
        n += 1
        trial = Ticks((low + high) // 2) if n % 4 == 0 else _guess(low, high, below, above, holding, tolerance)
        go(trial)
        found = [watch for watch in below if watch.look()]
        if found:
            high, holding = trial, found
            above = {watch: watch.now for watch in below}
        else:
            low = trial
            below = {watch: watch.now for watch in below}
    return high


def _guess(
    low: Ticks,
    high: Ticks,
    below: dict[Watch, float],
    above: dict[Watch, float],
    holding: Sequence[Watch],
    tolerance: Ticks,
) -> Ticks:
    """Return a time just beyond the earliest root, or just before it when ``high`` is just beyond it already."""
    share = min(
        below[watch] / (below[watch] - above[watch]) if above[watch] > below[watch] else 0.5 for watch in holding
    )
    root = low + share * (high - low)
    trial = high - tolerance if high - root <= tolerance else round(root + tolerance / 2)
    return Ticks(min(max(trial, low + 1), high - 1))
