"""``report.html``: one self-contained page that tells a suite, with the signals that have changed in their tubes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cosim.clock import Ticks, format_ticks
from cosim.regression.drawing import drawings
from cosim.regression.outcome import CaseOutcome, SuiteOutcome
from cosim.regression.signals import Compared
from cosim.results.display import number
from cosim.results.templating import fill

_MOST_DRAWN: Final = 8
"""Signals of a case that has failed; of one that has passed, the nearest to its limits."""
_FIRST_FINDINGS: Final = 8
_MOST_FINDINGS: Final = 200


def render(outcome: SuiteOutcome, at: str) -> str:
    """Return the page as text; all of it is escaped but the drawings, which escape what they hold."""
    return fill(
        "regression.html.j2",
        outcome=outcome,
        at=at,
        tone={0: "good", 1: "bad"}.get(outcome.exit_code, "doubt"),
        title=_title(outcome),
        cases=[_case(item) for item in outcome.cases],
    )


def _title(outcome: SuiteOutcome) -> str:
    counts = outcome.counts
    words = {"failed": "failed", "error": "without an answer", "passed": "passed", "skipped": "skipped"}
    return ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts.get(key))


def _case(item: CaseOutcome) -> dict[str, Any]:
    comparison = item.comparison
    shown: dict[str, Any] = {"item": item, "name": item.case.name, "tone": _tone(item), "first": "–", "worst": "–"}
    if comparison is None:
        return {**shown, "findings": [], "others": [], "more": 0, "plots": [], "numbers": [], "culprit": "", "n": 0}
    first, worst = comparison.first, comparison.worst
    return {
        **shown,
        "n": len(comparison.signals),
        "first": format_ticks(Ticks(first.time)) if first is not None and first.time is not None else "–",
        "worst": f"{worst.name}, {size_of(worst.size)}" if worst is not None else "–",
        "culprit": comparison.culprit.text if comparison.culprit else "",
        "findings": comparison.findings[:_FIRST_FINDINGS],
        "others": comparison.findings[_FIRST_FINDINGS:_MOST_FINDINGS],
        "more": max(0, len(comparison.findings) - _MOST_FINDINGS),
        "plots": [_plot(signal) for signal in _drawn(comparison.signals)],
        "numbers": [
            (name, number(n.value), n.unit if n.unit != "1" else "") for name, n in item.candidate.numbers.items()
        ]
        if item.candidate
        else [],
    }


def size_of(size: float) -> str:
    """Say how far a signal goes, in multiples of its tolerance."""
    return f"{size:.2g} × tolerance" if size < 1e6 else "far beyond"


def _tone(item: CaseOutcome) -> str:
    return {"passed": "good", "failed": "bad"}.get(item.status, "doubt")


def _drawn(signals: Iterable[Compared]) -> list[Compared]:
    """Choose the signals to show: those that leave their tube, the first first; without any, the three farthest."""
    outside = sorted((signal for signal in signals if signal.first is not None), key=lambda one: (one.first, -one.size))
    return outside[:_MOST_DRAWN] or sorted(signals, key=lambda one: -one.size)[:3]


def _plot(signal: Compared) -> dict[str, Any]:
    return {
        "name": signal.name,
        "size": size_of(signal.size),
        "is_outside": signal.first is not None,
        "drawings": drawings(signal),
    }
