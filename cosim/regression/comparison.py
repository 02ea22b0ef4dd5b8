"""Two runs compared, as the rules of a suite ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cosim.regression.culprit import Culprit, find_culprit
from cosim.regression.finding import Finding
from cosim.regression.interface import compare_interfaces
from cosim.regression.numbers import compare_effort, compare_ledgers, compare_moments, compare_numbers
from cosim.regression.record import Record
from cosim.regression.signals import Compared, compare_signals
from cosim.regression.tolerance import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What a comparison found, a run that failed first, values last; ``signals`` that both runs have."""

    findings: tuple[Finding, ...]
    signals: tuple[Compared, ...] = ()
    culprit: Culprit | None = None

    @property
    def failures(self) -> Sequence[Finding]:
        """The findings that count."""
        return [finding for finding in self.findings if not finding.is_accepted]

    @property
    def holds(self) -> bool:
        """True when nothing counts."""
        return not self.failures

    @property
    def worst(self) -> Compared | None:
        """The signal that goes farthest, in multiples of its tolerance."""
        return max(self.signals, key=lambda signal: signal.size, default=None)

    @property
    def first(self) -> Finding | None:
        """The finding that begins first, of those that begin at some time."""
        timed = [finding for finding in self.failures if finding.time is not None]
        return min(timed, key=lambda finding: finding.time or 0, default=None)


def compare(baseline: Record, candidate: Record, rules: Rules) -> Comparison:
    """Compare ``candidate`` with ``baseline``.

    Raises
    ------
    StructureError
        When a tolerance or a limit of ``rules`` is in another dimension than what it is for.
    """
    found: list[Finding] = []
    if candidate.status != "completed" or baseline.status != "completed":
        found.append(_failed(baseline, candidate))
    for text in candidate.unmet:
        found.append(Finding("limit", text, f"The scenario expects {text}, which does not hold."))
    signals, compared = compare_signals(baseline, candidate, rules)
    found += signals
    found += compare_numbers(baseline, candidate, rules)
    found += compare_ledgers(baseline, candidate, rules.ledger)
    if not baseline.is_measured:
        found += compare_moments(baseline, candidate, rules.reach)
        found += compare_interfaces(baseline.interface, candidate.interface)
        found += compare_effort(baseline, candidate, rules)
    judged = [replace(finding, is_accepted=finding.kind in rules.accept) for finding in found]
    judged.sort(key=_rank)
    return Comparison(tuple(judged), tuple(compared), find_culprit(baseline, candidate, compared))


def _rank(finding: Finding) -> tuple[bool, bool, bool, int]:
    return finding.is_accepted, finding.kind != "failed", finding.kind == "value", finding.time or 0


def _failed(baseline: Record, candidate: Record) -> Finding:
    if candidate.status == baseline.status:
        return Finding("failed", "run", f"Both runs have failed, this one with: {candidate.reason}")
    if candidate.status != "completed":
        return Finding("failed", "run", f"The run has {candidate.status}: {candidate.reason}", candidate.end)
    return Finding("failed", "run", f"The baseline has {baseline.status}: {baseline.reason}")
