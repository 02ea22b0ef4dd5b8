"""Tags that show something else than is planned: causes, told long before a forecast has to tell what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.shadowing.forecasting import Deviation
from cosim.shadowing.outlook import Alert, Concern

LASTING: Final = Ticks(3600 * TICKS_PER_SECOND)
"""For how long a tag has to be off its plan: a controller that settles is not."""


class DeviationWatch:
    """Watches the tags that a forecast holds; ``since`` is when each came off its plan, by name.

    What has been off since the watch began is not told before it has been on its plan once: so a batch begins.
    """

    def __init__(self) -> None:
        self.since: dict[str, Ticks] = {}
        self.settling: list[str] | None = None
        """Tags that have not been on their plans yet, None before the first cycle."""

    def notes(self) -> dict[str, Any]:
        """Return what ``recall`` takes, as plain values."""
        return {"since": dict(self.since), "settling": self.settling}

    def recall(self, notes: Mapping[str, Any]) -> None:
        """Go on from ``notes``."""
        self.since, self.settling = dict(notes["since"]), notes["settling"]

    def alerts(self, start: Ticks, end: Ticks, deviations: Sequence[Deviation]) -> list[Alert]:
        """Return the tags that have been off long enough at the end of the cycle from ``start`` to ``end``."""
        off = [item.tag for item in deviations]
        self.settling = [tag for tag in off if self.settling is None or tag in self.settling]
        self.since = {tag: self.since.get(tag, start) for tag in off if tag not in self.settling}
        return [
            _alert(item, self.since[item.tag])
            for item in deviations
            if item.tag in self.since and end - self.since[item.tag] >= LASTING
        ]


def _alert(item: Deviation, since: Ticks) -> Alert:
    text = (
        f"{item.tag} is {item.shown:.3g} where {item.planned:.3g} {item.unit} is planned, since {format_ticks(since)}."
    )
    return Alert(Concern.DEVIATION, item.tag, text, "", since)
