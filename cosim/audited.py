"""What the audit trail tells of builds, runs and studies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosim import audit
from cosim.results.document import encode, plain
from cosim.results.header import RunHeader

if TYPE_CHECKING:
    from cosim.build.builder import BuiltFmu
    from cosim.results import Result
    from cosim.study.model import StudyFile
    from cosim.study.result import StudyResult

_LONGEST: Final = 20_000
"""Characters of a mapping that a record holds; of a longer one it has the hash."""


def note_build(fmu: BuiltFmu, beside: Path | None = None) -> None:
    """Record that ``fmu`` was built, unless it was there, for what lies in the folder ``beside``."""
    if not fmu.is_cached:
        facts = {"fmi_version": fmu.fmi_version, "file": str(fmu.path), "sha256": fmu.sha256}
        audit.record("build", fmu.class_name, after=facts, beside=beside)


def running(header: RunHeader, folder: Path, why: str) -> AbstractContextManager[audit.Action]:
    """Record a run from its beginning to its end."""
    facts = {"folder": str(folder)}
    beside = Path(header.scenario_file).parent
    return audit.action("run", header.scenario, why=why, before=lambda: {**_told(header), **facts}, beside=beside)


def studying(header: RunHeader, study: StudyFile, folder: Path, why: str) -> AbstractContextManager[audit.Action]:
    """Record a study from its beginning to its end."""
    facts = {"study": _hash(study.text.encode()), "folder": str(folder)}
    beside = study.path.parent
    return audit.action("study", header.scenario, why=why, before=lambda: {**facts, **_told(header)}, beside=beside)


def run_facts(result: Result) -> object:
    """Return how a run ended, with the hash of its result."""
    return {
        "status": result.status,
        "result": file_hash(result.folder / "result.h5"),
        "expectations": {finding.text: finding.holds for finding in result.expectations},
    }


def study_facts(result: StudyResult) -> object:
    """Return how a study ended, with the hash of what tells it."""
    return {
        "status": result.status,
        "runs": dict(result.counts),
        "study.json": file_hash(result.folder / "study.json"),
    }


def file_hash(file: Path) -> str:
    """Return the SHA-256 of ``file``."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _told(header: RunHeader) -> dict[str, object]:
    """Return what decides the result of a run."""
    return {
        "scenario": _hash(header.scenario_text.encode()),
        "fmus": _short({name: record.sha256 for name, record in header.fmus.items()}),
        "parameters": _short(header.parameters),
    }


def _short(mapping: Mapping[str, object]) -> object:
    text = encode(mapping)
    return plain(mapping) if len(text) <= _LONGEST else {"n": len(mapping), "sha256": _hash(text.encode())}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
