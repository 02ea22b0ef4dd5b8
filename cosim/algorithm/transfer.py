"""Conserving delivery of one stream: what has left the outlet arrives at the inlet, at any step size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.outlet import Array, Outlet
from cosim.clock import Ticks, to_seconds
from cosim.errors import StepError

if TYPE_CHECKING:
    from cosim.algorithm.participant import Participant

RELATIVE_DEAD_BAND: Final = 1e-12
"""Share of the total below which a difference is round-off: it is carried to a later step, never lost."""


class Transfer:
    """A stream to an inlet.

    Over the receiver's step of length h: flow = ΔV/h, concentration = Δm/ΔV, with Δ the difference between what has
    left the outlet and what was delivered before. ``delivered`` and the outlet's totals telescope, so that the sum of
    all deliveries is the total. At zero flow the composition stays.
    """

    VARYING = ("last_flow", "last_temperature")
    """What a checkpoint holds besides the board."""

    __slots__ = (
        "content",
        "delivered",
        "difference",
        "factors",
        "flow",
        "is_reversible",
        "is_scaled",
        "last_flow",
        "last_temperature",
        "n_links",
        "name",
        "outlet",
        "sender",
        "target",
        "temperature",
        "temperature_factor",
        "temperature_offset",
        "volume_factor",
    )

    def __init__(
        self,
        *,
        name: str,
        outlet: Outlet,
        sender: Participant,
        target: Participant,
        delivered: Array,
        flow: int,
        temperature: int | None,
        content: Array,
        factors: NDArray[np.float64],
        volume_factor: float,
        temperature_factor: float,
        temperature_offset: float,
        is_reversible: bool,
    ) -> None:
        """``flow`` and ``temperature`` are indices of the target's inputs, ``content`` a view of its concentrations."""
        self.name, self.outlet, self.sender, self.target = name, outlet, sender, target
        self.delivered, self.flow, self.temperature, self.content = delivered, flow, temperature, content
        self.factors, self.volume_factor = factors, volume_factor
        self.temperature_factor, self.temperature_offset = temperature_factor, temperature_offset
        self.is_reversible = is_reversible
        self.is_scaled = bool(np.any(factors != 1.0))
        self.difference = np.zeros_like(delivered)
        self.n_links = len(factors)
        self.last_flow, self.last_temperature = 0.0, 0.0

    def deliver(self, end: Ticks, *, is_late: bool) -> None:
        """Set the target's inputs for its step to ``end``; ``is_late`` hides what the sender did after the start."""
        sender = self.sender
        totals = self.outlet.totals if sender.time == end and not is_late else self._totals(end, is_late)
        np.subtract(totals, self.delivered, out=self.difference)
        volume = float(self.difference[0])
        dead_band = RELATIVE_DEAD_BAND * abs(float(totals[0]))
        inputs = self.target.inputs
        if volume > dead_band or (self.is_reversible and volume < -dead_band):
            inputs[self.flow] = volume * self.volume_factor / to_seconds(Ticks(end - self.target.time))
            np.divide(self.difference[1 : self.n_links + 1], volume, out=self.content)
            if self.is_scaled:
                np.multiply(self.content, self.factors, out=self.content)
            self.delivered[:] = totals
            self._deliver_temperature()
        elif volume < -dead_band:
            self._refuse(volume)
        else:
            inputs[self.flow] = 0.0
            self.last_flow = 0.0

    @property
    def least_flow(self) -> float:
        """The flow below which there is none at the start."""
        return -np.inf if self.is_reversible else 0.0

    def prime(self) -> None:
        """Set the target's inputs from the outlet as it is now, for initialisation."""
        if not self.sender.is_initialised:
            return
        outputs, inputs = self.sender.outputs, self.target.inputs
        outlet = self.outlet
        inputs[self.flow] = max(float(outputs[outlet.flow]), self.least_flow) * self.volume_factor
        self.content[:] = outputs[outlet.contents[: self.n_links]] * self.factors
        self._deliver_temperature()

    def _deliver_temperature(self) -> None:
        """Weight the temperatures at both ends of the sender's step by the flows there."""
        if self.temperature is None or self.outlet.temperature is None:
            return
        outputs = self.sender.outputs
        flow, temperature = abs(float(outputs[self.outlet.flow])), float(outputs[self.outlet.temperature])
        weight = flow + self.last_flow
        mean = temperature
        if weight > 0.0 and self.last_flow > 0.0:
            mean += (self.last_temperature - temperature) * (self.last_flow / weight)
        self.target.inputs[self.temperature] = self.temperature_factor * mean + self.temperature_offset
        self.last_flow, self.last_temperature = flow, temperature

    def _totals(self, end: Ticks, is_late: bool) -> Array:
        sender, target, outlet = self.sender, self.target, self.outlet
        if not sender.is_active:
            return outlet.totals
        if not is_late and sender.time > end:
            return outlet.totals_at(end)
        planned = Ticks(sender.time + sender.step_size)
        if sender.samples is not None:
            return outlet.totals_one_step_late(target.time, end, planned)
        if end >= planned:
            return outlet.totals
        # in a shortened step, as much as belongs to it: all at once would be a surge
        share = (end - target.time) / sender.step_size
        return self.delivered + share * (outlet.totals - self.delivered)

    def refuse(self) -> None:
        """Raise what ``deliver`` would, where C code has found that the stream flows backwards."""
        self._refuse(float(self.outlet.totals[0] - self.delivered[0]))

    def _refuse(self, volume: float) -> None:
        raise StepError(
            f"Stream {self.name} flows backwards: {self.outlet.name} took back {-volume:.6g} of what it had sent. "
            "Keep its flow from becoming negative, or declare that it may be: write 'reversible' in the description "
            "of the flow at both ends.",
            component=self.sender.name,
            variable=self.outlet.name.partition(".")[2],
        )
