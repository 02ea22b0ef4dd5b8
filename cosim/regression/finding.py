"""What a comparison finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "failed": "a run that does not end as it should",
    "baseline": "a case that has no baseline",
    "approval": "a baseline, or by what a case is judged, that nobody but its author has approved",
    "missing": "a signal, number or species that is gone",
    "new": "a signal, number or species that was not there",
    "unit": "another unit",
    "nan": "a value that is no number",
    "shorter": "a run, or a component's part in it, that ends earlier or begins later",
    "longer": "the opposite",
    "constant": "a signal that does not move any more",
    "sign": "a signal that is the mirror image of what it was",
    "value": "a signal outside its tube",
    "event": "a phase, step or event that is missing, new or shifted",
    "kpi": "a number that has changed",
    "limit": "a number beyond a limit that the suite states",
    "ledger": "a balance that closes worse than the suite allows",
    "variable": "a variable of an interface that is gone, new, or of another causality, variability or type",
    "start": "another start value",
    "capability": "another capability",
    "steps": "more steps than the suite allows",
    "seconds": "more time than the suite allows",
}
"""Every kind of finding."""
UNACCEPTABLE: Final = ("approval",)
"""Those that a suite cannot accept."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: of what ``kind``, of what, in a sentence; ``time`` [ns] where it begins.

    ``size`` is in multiples of the tolerance. An accepted finding is told and does not count.
    """

    kind: str
    subject: str
    text: str
    time: int | None = None
    size: float | None = None
    is_accepted: bool = False
