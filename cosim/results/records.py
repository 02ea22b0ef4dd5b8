"""Outcomes, phases, happenings and ledgers back from their JSON documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cosim.clock import Ticks
from cosim.execution.outcome import ComponentCost, Effort, Happening, LedgerEntry, Outcome, PhaseRecord, SpeciesLedger


@dataclass(frozen=True, slots=True)
class ExpectationRecord:
    """An expectation of the scenario and whether this run fulfils it; ``value`` is in ``unit``, None: no value."""

    text: str
    holds: bool
    value: float | None
    unit: str = ""
    reason: str = ""


class FindingLike(Protocol):
    """What an evaluated expectation must tell."""

    @property
    def text(self) -> str:
        """As written."""

    @property
    def holds(self) -> bool:
        """Whether it does."""

    @property
    def value(self) -> float | None:
        """What was found."""

    @property
    def unit(self) -> str:
        """Unit of ``value``."""

    @property
    def reason(self) -> str:
        """Why there is no value."""


def expectation(finding: FindingLike) -> ExpectationRecord:
    """Keep what ``finding`` says."""
    return ExpectationRecord(finding.text, finding.holds, finding.value, finding.unit, finding.reason)


def read_expectations(document: Sequence[Mapping[str, Any]]) -> tuple[ExpectationRecord, ...]:
    """Read what ``plain`` made of expectation records."""
    return tuple(ExpectationRecord(**entry) for entry in document)


def read_happenings(document: Sequence[Mapping[str, Any]]) -> tuple[Happening, ...]:
    """Read what ``plain`` made of happenings."""
    return tuple(Happening(**entry) for entry in document)


def read_outcome(document: Mapping[str, Any]) -> Outcome:
    """Read what ``plain`` made of an outcome."""
    return Outcome(
        status=document["status"],
        reason=document["reason"],
        time=Ticks(document["time"]),
        wall_seconds=document["wall_seconds"],
        phases=tuple(PhaseRecord(**entry) for entry in document["phases"]),
        happenings=read_happenings(document["happenings"]),
        ledger={name: _species(entry) for name, entry in document["ledger"].items()},
        costs={name: ComponentCost(**entry) for name, entry in document["costs"].items()},
        warnings=tuple(document["warnings"]),
        failure=document["failure"],
        elements={name: _species(entry) for name, entry in document.get("elements", {}).items()},
        effort=Effort(**document.get("effort", {})),
    )


def _species(document: Mapping[str, Any]) -> SpeciesLedger:
    return SpeciesLedger(
        flowsheet=_entry(document["flowsheet"]),
        units={name: _entry(entry) for name, entry in document["units"].items()},
        streams={name: _number(amount) for name, amount in document["streams"].items()},
    )


def _entry(document: Mapping[str, Any]) -> LedgerEntry:
    amounts = {key: _number(item) for key, item in document.items() if key != "unit"}
    return LedgerEntry(unit=document["unit"], **amounts)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def unfinished(happenings: Sequence[Happening], time: Ticks) -> Outcome:
    """Tell what can be told of a run that was killed before it could say how it ended."""
    return Outcome(
        status="stopped",
        reason="The run was cut off before it ended; everything up to the last write is here.",
        time=time,
        wall_seconds=0.0,
        phases=tuple(_begun(happenings, time)),
        happenings=tuple(happenings),
        ledger={},
        costs={},
        warnings=tuple(happening.text for happening in happenings if happening.kind == "warning"),
    )


def _begun(happenings: Sequence[Happening], time: Ticks) -> list[PhaseRecord]:
    """Pair the starts and ends of phases and steps; what has no end was cut off at ``time``."""
    cycles: dict[str, int] = {}
    running: dict[str, Ticks] = {}
    records = []
    for happening in happenings:
        subject = happening.subject
        if happening.kind in ("phase-start", "step-start"):
            running[subject] = happening.time
            if happening.kind == "phase-start":
                cycles[subject] = cycles.get(subject, 0) + 1
        elif happening.kind in ("phase-end", "step-end") and subject in running:
            reason = happening.text.partition(": ")[2].rstrip(".")
            records.append(_record(subject, cycles, running.pop(subject), happening.time, reason))
    return records + [_record(subject, cycles, start, time, "cut off") for subject, start in running.items()]


def _record(subject: str, cycles: Mapping[str, int], start: Ticks, end: Ticks, ended_by: str) -> PhaseRecord:
    phase, _, step = subject.partition(".")
    return PhaseRecord(phase, step or None, max(cycles.get(phase, 1), 1), start, end, ended_by)
