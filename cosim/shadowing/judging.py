"""Whether an estimate is to be relied on, and which sensors contradict it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.estimation import OUTLYING, is_unlikely
from cosim.shadowing.estimating import Setup
from cosim.shadowing.estimator import Taken
from cosim.shadowing.following import Compared
from cosim.shadowing.outlook import Alert, Concern, Health

CHANCE: Final = 1e-5
"""That the last values of a sensor scatter so much though the filter is right; beyond, they contradict the estimate.

With three instruments and five samples twice a day, 1 in 400 simulated fortnights of a right filter had one sensor
contradict at some time, none two.
"""
INSTRUMENT, LABORATORY = 36, 6
"""Last values that count: six hours of cycles of ten minutes, and three days of two samples a day."""
SEVERAL: Final = 2
"""Sensors that contradict at the same time from which on not they are wrong, but the model is."""
LOST: Final = 0.1
"""Share of the members that may fail in a cycle before the estimate is bad."""
STUBBORN: Final = Ticks(2 * 3600 * TICKS_PER_SECOND)
"""For how long an instrument may be far from the estimate before that is told."""
UNHEARD: Final = Ticks(36 * 3600 * TICKS_PER_SECOND)
"""Time without a laboratory's sample after which an estimate is uncertain."""
_NEARLY: Final = 0.99
"""A value further away is taken as if it were just there."""
SILENT: Final = Ticks(3600 * TICKS_PER_SECOND)
"""Time without a new value of any instrument after which it is bad, or twice the time between values if longer."""


@dataclass(slots=True)
class Judge:
    """Remembers since when what is wrong; times are ticks by tag, so that they can be kept as plain values."""

    setup: Setup
    n_members: int
    sampled: Ticks = Ticks(0)
    heard: Ticks = Ticks(0)
    far: dict[str, Ticks] = field(default_factory=dict)
    squares: dict[str, list[float]] = field(default_factory=dict)
    """How far the last values of each tag were from what was expected, in expected variances."""

    def judge(self, compared: Compared, taken: Taken) -> tuple[Health, str]:
        """Return whether the estimate of this cycle is to be relied on, and why not, '' where it is."""
        time = compared.cycle.end
        self._note(taken)
        instruments = [sensor.tag for sensor in self.setup.sensors if sensor.is_instrument]
        if instruments and time - self.heard >= max(SILENT, 2 * min(tag.every for tag in instruments)):
            return Health.BAD, f"No instrument has shown anything since {format_ticks(self.heard)}."
        if taken.n_replaced > LOST * self.n_members:
            return Health.BAD, f"The models of {taken.n_replaced} of {self.n_members} members failed."
        if contradicting := self._contradicting():
            text = f"Values of {', '.join(contradicting)} scatter more about the estimate than chance lets them."
            is_model = len(contradicting) >= min(SEVERAL, len(self.setup.sensors))
            more = " Either the model is wrong, or the noises that are stated are too small."
            return (Health.BAD, text + more) if is_model else (Health.UNCERTAIN, text)
        if 2 * len(taken.missing) > len(instruments):
            return Health.UNCERTAIN, f"{len(taken.missing)} of {len(instruments)} instruments show nothing."
        if len(instruments) < len(self.setup.sensors) and time - self.sampled >= UNHEARD:
            return Health.UNCERTAIN, f"The laboratory's last sample was taken at {format_ticks(self.sampled)}."
        if stubborn := self._stubborn(time):
            return Health.UNCERTAIN, f"{', '.join(stubborn)} contradict the estimate."
        return Health.GOOD, ""

    def alerts(self, time: Ticks, health: Health, reason: str) -> list[Alert]:
        """Return what is wrong with sensors and with the estimate."""
        found = [
            Alert(
                Concern.ESTIMATE, tag,
                f"{tag} has been far from the estimate since {format_ticks(self.far[tag])}; it counts for little.",
                f"{tag} may have failed.", self.far[tag],
            )
            for tag in self._stubborn(time)
        ]  # fmt: skip
        if health is Health.BAD:
            found.append(Alert(Concern.ESTIMATE, "", f"The estimate is not to be relied on: {reason}", "", time))
        return found

    def notes(self) -> dict[str, Any]:
        """Return what ``recall`` takes, as plain values."""
        return {"sampled": self.sampled, "heard": self.heard, "far": dict(self.far), "squares": self.squares}

    def recall(self, notes: Mapping[str, Any]) -> None:
        """Go on from ``notes``."""
        self.sampled, self.heard, self.far = notes["sampled"], notes["heard"], dict(notes["far"])
        self.squares = {tag: list(values) for tag, values in notes["squares"].items()}

    def _note(self, taken: Taken) -> None:
        for tag in taken.missing:
            self.squares.pop(tag, None)
        for innovation in reversed(taken.innovations):
            for place, value in zip(innovation.which.tolist(), innovation.standardised.tolist(), strict=True):
                sensor = self.setup.sensors[place]
                window = INSTRUMENT if sensor.is_instrument else LABORATORY
                name = sensor.tag.name
                self.squares[name] = [*self.squares.get(name, []), value**2][-window:]
                if not sensor.is_instrument:
                    self.sampled = max(self.sampled, innovation.time)
                    continue
                self.heard = max(self.heard, innovation.time)
                if abs(value) < OUTLYING * _NEARLY:
                    self.far.pop(name, None)
                else:
                    self.far.setdefault(name, innovation.time)

    def _contradicting(self) -> list[str]:
        return [tag for tag, values in self.squares.items() if is_unlikely(values, CHANCE)]

    def _stubborn(self, time: Ticks) -> list[str]:
        return [tag for tag, since in self.far.items() if time - since >= STUBBORN]
