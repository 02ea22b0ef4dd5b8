"""What has become of a suite: each case with what was compared and found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cosim.regression.comparison import Comparison
from cosim.regression.record import Record
from cosim.regression.settings import Settings
from cosim.regression.suite import Case, Suite

Status = Literal["passed", "failed", "skipped", "error"]
"""'failed': the answer is no; 'error': there is none, for a run cannot be made or has broken off."""
WORST_FIRST = (2, 3, 1)
"""Exit codes: wrong input says least about the models."""


@dataclass(frozen=True, slots=True, eq=False)
class CaseOutcome:
    """One case; ``baseline`` says in words what was compared with, ``reason`` why nothing was.

    ``seconds`` is what its runs took [s], now or when they were made; ``is_known`` that they were made before.
    """

    case: Case
    status: Status
    baseline: str = ""
    reason: str = ""
    exit_code: int = 0
    comparison: Comparison | None = None
    candidate: Record | None = None
    seconds: float = 0.0
    is_known: bool = False
    models_against: Mapping[str, str] = field(default_factory=dict)
    """Of a run that it stands beside: the hash of the model of each component."""
    baseline_sha256: str = ""
    """Of the record that it was compared with; empty where that is no baseline."""


@dataclass(frozen=True, slots=True, eq=False)
class SuiteOutcome:
    """A whole suite; ``seconds`` is how long it took [s]."""

    suite: Suite
    cases: Sequence[CaseOutcome]
    seconds: float
    versions: Mapping[str, str]
    settings: Settings = field(default_factory=dict)
    """By what it has judged."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cases ended how."""
        return Counter(item.status for item in self.cases)

    @property
    def exit_code(self) -> int:
        """0 when every case has passed or was skipped, 1 for a regression, 2 for wrong input, 3 for what broke."""
        codes = {item.exit_code for item in self.cases}
        return next((code for code in WORST_FIRST if code in codes), 0)
