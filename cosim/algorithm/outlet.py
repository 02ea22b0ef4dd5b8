"""What has left through a stream outlet since its component was initialised."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks

Array = NDArray[np.float64]


@dataclass(eq=False, slots=True)
class Outlet:
    """Totals of an outlet port as ``[flow total, species totals…]`` in the source's own units.

    ``totals`` either are the source's own variables, or are kept here: where the source has no totals, its flow times
    composition is integrated by the trapezoidal rule; where only species have totals (gas), the flow's is their sum;
    where totals are in other units than flow and composition, they are converted.
    """

    VARYING: ClassVar = ("times", "history")
    """What a checkpoint holds besides the board."""

    name: str
    component: str
    flow: int
    """Index of the flow among the component's outputs."""
    temperature: int | None
    contents: NDArray[np.intp]
    """Indices of the concentrations, in the order of the totals."""
    totals: Array
    totals_of_species: NDArray[np.intp] | None
    """Indices of totals to be copied, of gases those of species; None where ``totals`` needs no copying."""
    is_integrated: bool
    rate: Array
    """Flow of volume and of each species at the last communication point; used where ``is_integrated``."""
    is_liquid: bool = True
    total_factors: Array | float = 1.0
    """From the units of the totals that are copied to that of flow × content × s."""
    times: list[Ticks] = field(default_factory=list)
    history: list[Array] = field(default_factory=list)

    @property
    def needs_update(self) -> bool:
        """True where ``totals`` must be computed after every step."""
        return self.is_integrated or self.totals_of_species is not None

    def update(self, outputs: Array, seconds: float) -> None:
        """Bring ``totals`` up to date after a step of ``seconds``; 0 at the start."""
        if self.totals_of_species is not None:
            copied = outputs[self.totals_of_species] * self.total_factors
            self.totals[-len(copied) :] = copied
            if not self.is_liquid:
                self.totals[0] = copied.cumsum()[-1]  # one by one, as C code does
        elif self.is_integrated:
            flow = float(outputs[self.flow])
            before = self.rate.copy()
            self.rate[0] = flow
            self.rate[1:] = flow * outputs[self.contents]
            self.totals += (0.5 * seconds) * (before + self.rate)

    def forget(self, time: Ticks) -> None:
        """Begin the record of totals anew at ``time``."""
        self.times = [time]
        self.history = [self.totals.copy()]

    def remember(self, time: Ticks) -> None:
        """Add the totals at ``time``, where receivers step at other times."""
        self.times.append(time)
        self.history.append(self.totals.copy())

    def trim(self) -> None:
        """Keep the last two communication points."""
        self.times = self.times[-2:]
        self.history = self.history[-2:]

    def totals_at(self, time: Ticks) -> Array:
        """Return the totals at ``time`` between two communication points, interpolated linearly."""
        i = min(bisect_left(self.times, time), len(self.times) - 1)
        if i == 0 or self.times[i] <= time:
            return self.history[i]
        fraction = (time - self.times[i - 1]) / (self.times[i] - self.times[i - 1])
        return self.history[i - 1] + fraction * (self.history[i] - self.history[i - 1])

    def totals_one_step_late(self, start: Ticks, end: Ticks, planned: Ticks) -> Array:
        """Return what a receiver stepping from ``start`` to ``end`` gets where it cannot know the current step.

        What left in the source's step before ``start`` is spread evenly over the source's following step, which ends
        at ``planned`` unless the record tells.
        """
        i = max(bisect_right(self.times, start) - 1, 0)
        following = self.times[i + 1] if i + 1 < len(self.times) else planned
        if i == 0 or end >= following:
            return self.history[i]
        fraction = (end - self.times[i]) / (following - self.times[i])
        return self.history[i - 1] + fraction * (self.history[i] - self.history[i - 1])
