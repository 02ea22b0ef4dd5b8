"""What was found out about an FMU, in a form that is kept beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from cosim.errors import ResultError
from cosim.native import cache_folder
from cosim.results.document import encode, write_text

Tone = Literal["good", "note", "limit", "bad"]
"""'bad': do not use it like this; 'limit': it works with a restriction; 'note': worth knowing."""

FORM: Final = 1
"""Version of the file's form."""
LARGEST: Final = 8 << 20
"""Bytes of a report that are read: more was not written by cosim."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried, and what came of it, as a sentence."""

    subject: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class AlgorithmVerdict:
    """Whether a co-simulation algorithm can use the FMU: 'yes', 'limited' or 'no', and why."""

    algorithm: str
    works: Literal["yes", "limited", "no"]
    text: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """The FMU by content, what it was tried with, findings, verdicts, and how to write it into a scenario.

    ``rolls_back``, ``serialises`` and ``varies_step`` are what it does, whatever it declares; None where unknown.
    ``measured`` has times in s and memory in bytes.
    """

    file: str
    sha256: str
    interface: str
    step_size: float
    """Of the steps it was tried with [s]."""
    tried_with: str
    tried_on: str
    findings: tuple[Finding, ...]
    verdicts: tuple[AlgorithmVerdict, ...]
    snippet: str
    host: Literal["inline", "process"]
    rolls_back: bool | None = None
    serialises: bool | None = None
    varies_step: bool | None = None
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Tell whether any algorithm can use it."""
        return any(verdict.works != "no" for verdict in self.verdicts)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What it does wrong, or restricts how it can be used, beyond what it declares."""
        found = [finding for finding in self.findings if finding.tone in ("bad", "limit")]
        return tuple(finding for finding in found if finding.subject not in ("declared", "binary"))


def place_of(fmu: Path) -> Path:
    """Return where the report of ``fmu`` belongs: beside it."""
    return fmu.with_name(f"{fmu.stem}.intake.json")


def _kept_place(sha256: str) -> Path:
    return cache_folder() / "intake" / f"{sha256}.json"


def store_report(report: IntakeReport, fmu: Path) -> Path:
    """Write ``report`` beside ``fmu``, or, where that folder is read-only, into the user's cache; return where."""
    text = encode({"intake": FORM, **_fields(report)}, indent=2) + "\n"
    try:
        write_text(place_of(fmu), text)
    except ResultError:
        place = _kept_place(report.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_text(place, text)
        return place
    return place_of(fmu)


def _fields(report: IntakeReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in IntakeReport.__dataclass_fields__}


def find_report(fmu: Path, sha256: str) -> IntakeReport | None:
    """Return the report on exactly the file of content ``sha256``; None where there is none, or none that is whole."""
    for place in (place_of(fmu), _kept_place(sha256)):
        report = load_report(place)
        if report is not None and report.sha256 == sha256:
            return report
    return None


def load_report(place: Path) -> IntakeReport | None:
    """Read a report; None where there is none or the file is something else, which is then as good as none."""
    try:
        if place.stat().st_size > LARGEST:
            return None
        data = json.loads(place.read_text(encoding="utf-8"))
        return _read(data) if data["intake"] == FORM else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _read(data: Mapping[str, Any]) -> IntakeReport:
    return IntakeReport(
        file=str(data["file"]),
        sha256=str(data["sha256"]),
        interface=str(data["interface"]),
        tried_with=str(data["tried_with"]),
        tried_on=str(data["tried_on"]),
        snippet=str(data["snippet"]),
        rolls_back=_truth(data["rolls_back"]),
        serialises=_truth(data["serialises"]),
        varies_step=_truth(data["varies_step"]),
        step_size=float(data["step_size"]),
        host="process" if data["host"] == "process" else "inline",
        findings=tuple(Finding(str(one["subject"]), one["tone"], str(one["text"])) for one in data["findings"]),
        verdicts=tuple(
            AlgorithmVerdict(str(one["algorithm"]), one["works"], str(one["text"])) for one in data["verdicts"]
        ),
        measured={str(name): float(value) for name, value in data["measured"].items()},
    )


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
