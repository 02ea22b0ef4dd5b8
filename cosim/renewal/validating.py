"""The model held against data of the plant: by a study whose answer has gates, or by a suite of regression."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from cosim.errors import ReleaseError, StudyError
from cosim.regressing.keys import key_of
from cosim.regressing.running import regress
from cosim.regression.document import document_of
from cosim.regression.outcome import SuiteOutcome
from cosim.regression.suite import Case, Data, Subject
from cosim.regression.tolerance import Rules
from cosim.release.gates import judge
from cosim.release.suites import is_about
from cosim.renewal.file import VALIDATION, Validation
from cosim.renewal.record import Record, Step
from cosim.results.document import encode, write_text
from cosim.study.running import Listeners
from cosim.studying.running import DOCUMENT, study

STEP: Final = "validate"
_PASSING: Final = ("seconds", "run_seconds", "is_known")
"""What a suite tells that is another each time."""


def validate(
    validation: Validation, record: Record, fmu: str, *, workers: int | None, listeners: Listeners, why: str
) -> Step:
    """Hold the model whose FMU has the SHA-256 ``fmu`` against data.

    Raises
    ------
    CosimError
        When that cannot be done; a model that is not good enough is an answer.
    """
    if validation.kind == "suite":
        outcome = regress(validation.path, workers=workers)  # which keeps by itself what has not changed
        told = _lasting(document_of(outcome))
        return record.step(STEP, [told, fmu], lambda: _judged(record.folder, told, fmu, _of_suite(outcome, fmu)))
    subject = Subject("study", validation.path)
    key = key_of(subject, Case(STEP, subject, None, Rules()), None)

    def make() -> tuple[bool, str, list[str]]:
        told = _studied(validation.path, record.folder / "study" / key[:16], workers, listeners, why)
        return _judged(record.folder, told, fmu, _of_gates(validation, told))

    return record.step(STEP, [key, validation.gates, fmu], make)


def _lasting(document: dict[str, Any]) -> dict[str, Any]:
    cases = [{key: value for key, value in case.items() if key not in _PASSING} for case in document["cases"]]
    return {key: value for key, value in document.items() if key not in _PASSING} | {"cases": cases}


def _judged(folder: Path, told: dict[str, Any], fmu: str, verdict: tuple[bool, str]) -> tuple[bool, str, list[str]]:
    """Keep what was shown, and make sure that it is about the model.

    Raises
    ------
    ReleaseError
        When another FMU was looked at than the one whose surrogate is to be trained.
    """
    if not is_about(told, fmu):
        raise ReleaseError(
            f"'validate' has run other models than the surrogate is trained on: the FMU with the SHA-256 {fmu[:12]}… "
            "is none of them. Let the scenario and the training file name the same model."
        )
    write_text(folder / VALIDATION, encode(told, indent=1) + "\n")
    return *verdict, [VALIDATION]


def _studied(path: Path, folder: Path, workers: int | None, listeners: Listeners, why: str) -> dict[str, Any]:
    """Run the study, or go on with it; return what it tells."""
    found = _document(folder)
    if found.get("status") != "completed":
        options: dict[str, Any] = {"workers": workers, "listeners": listeners, "why": why}
        result = study(resume=folder, **options) if found else study(path, out=folder, **options)
        if result.status != "completed":
            raise StudyError(f"The study '{result.name}' was stopped. Start the renewal again to go on with it.")
    return _document(folder)


def _document(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _of_gates(validation: Validation, told: dict[str, Any]) -> tuple[bool, str]:
    data = encode(told).encode()
    found = [judge(gate, {VALIDATION: "0" * 64}, lambda _: data) for gate in validation.gates]
    holds = not any(finding.is_open for finding in found)
    texts = [f"{finding.gate} {finding.state}: {finding.text}" for finding in found if holds or finding.is_open]
    return holds, "; ".join(texts)


def _of_suite(outcome: SuiteOutcome, fmu: str) -> tuple[bool, str]:
    """Judge a suite: the model must have been held against data in some case of it, and nothing may have failed."""
    on_data = [item for item in outcome.cases if isinstance(item.case.against, Data)]
    if not on_data:
        return False, f"no case of '{outcome.suite.name}' stands against data of a plant"
    bad = [item for item in outcome.cases if item.status in ("failed", "error")]
    bad += [item for item in on_data if item.status != "passed"]
    if bad:
        return False, f"the case '{bad[0].case.name}' is {bad[0].status}"
    held = [item.case.name for item in on_data if item.candidate and fmu in item.candidate.models.values()]
    if not held:
        others = ", ".join(item.case.name for item in on_data)
        return False, (
            f"what '{outcome.suite.name}' holds against data of a plant ({others}) are other models than the FMU with "
            f"the SHA-256 {fmu[:12]}…"
        )
    return True, f"within the limits of '{outcome.suite.name}': {', '.join(held)}"
