"""The outcome of a suite for programs: plain values."""

from __future__ import annotations

import hashlib
from typing import Any

from cosim.clock import TICKS_PER_SECOND
from cosim.regression.finding import Finding
from cosim.regression.outcome import CaseOutcome, SuiteOutcome
from cosim.regression.settings import encode_settings
from cosim.regression.suite import DEFAULT_COMPILER, Case, Subject


def document_of(outcome: SuiteOutcome) -> dict[str, Any]:
    """Return ``outcome`` as what JSON can hold."""
    looked_at = {item.case.name for item in outcome.cases}
    return {
        "suite": outcome.suite.name,
        "file": str(outcome.suite.path),
        "exit_code": outcome.exit_code,
        "settings_sha256": hashlib.sha256(encode_settings(outcome.settings)).hexdigest(),
        "left_out": [name for name in outcome.suite.cases if name not in looked_at],
        "counts": dict(outcome.counts),
        "seconds": outcome.seconds,
        "versions": dict(outcome.versions),
        "cases": [_case(item) for item in outcome.cases],
    }


def _case(item: CaseOutcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "case": item.case.name,
        "status": item.status,
        "compared_with": item.baseline,
        "baseline_sha256": item.baseline_sha256,
        "reason": item.reason,
        "run_seconds": item.seconds,
        "is_known": item.is_known,
        "compilers": _compilers(item.case),
        "models": dict(item.candidate.models) if item.candidate else {},
        "models_against": dict(item.models_against),
    }
    if item.comparison is None:
        return found
    culprit, worst = item.comparison.culprit, item.comparison.worst
    return {
        **found,
        "n_signals": len(item.comparison.signals),
        "worst": None if worst is None else {"signal": worst.name, "size": worst.size},
        "first": _finding(item.comparison.first) if item.comparison.first else None,
        "culprit": None
        if culprit is None
        else {"component": culprit.component, "signal": culprit.signal, "time_s": culprit.time / TICKS_PER_SECOND},
        "findings": [_finding(finding) for finding in item.comparison.findings],
        "numbers": {name: {"value": n.value, "unit": n.unit} for name, n in item.candidate.numbers.items()}
        if item.candidate
        else {},
    }


def _compilers(case: Case) -> list[str]:
    """Return what builds the Modelica classes of each side; nothing where the sides name other models than each other.

    What differs then is not, or not only, what has built them.
    """
    sides = [side for side in (case.subject, case.against) if isinstance(side, Subject)]
    if any(_models(side) != _models(sides[0]) for side in sides):
        return []
    return [
        side.compiler or DEFAULT_COMPILER for side in sides if side.source is None or side.source.kind == "modelica"
    ]


def _models(side: Subject) -> object:
    """Return which models a side names, wherever that is written."""
    source = None if side.source is None else (side.source.kind, side.source.text)
    return side.path, source, {name: (one.kind, one.text) for name, one in side.sources.items()}


def _finding(finding: Finding) -> dict[str, Any]:
    time = None if finding.time is None else finding.time / TICKS_PER_SECOND
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "text": finding.text,
        "time_s": time,
        "size": finding.size,
        "is_accepted": finding.is_accepted,
    }
