"""The record of an installation qualification, as JSON or as a page to sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosim import audit
from cosim._version import __version__
from cosim.errors import ResultError
from cosim.qualification.installed import digest_of, machine, own_files, packages
from cosim.qualification.self_tests import run_self_tests
from cosim.results.document import write_text
from cosim.results.templating import fill


def qualify(findings: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Look at the installation and test it; ``findings`` are those of 'cosim doctor'.

    Returns what the record says; under ``good`` whether all is as it should be.
    """
    files, found, tests = own_files(), packages(), run_self_tests()
    is_good = (
        all(finding["state"] != "missing" for finding in findings)
        and not any(package.changed for package in found)
        and all(test.state != "failed" for test in tests)
    )
    return {
        "format": "cosim installation qualification 1",
        "good": is_good,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cosim": __version__,
        "cosim_sha256": digest_of(files),
        "machine": machine(),
        "packages": [asdict(package) for package in found],
        "findings": [dict(finding) for finding in findings],
        "self_tests": [asdict(test) for test in tests],
        "files": files,
    }


def write_record(record: Mapping[str, Any], file: Path) -> None:
    """Write ``record`` to ``file``, .json or .html, and tell the audit trail, where there is one.

    Raises
    ------
    ResultError
        When the file is of neither kind, or cannot be written.
    """
    kind = file.suffix.lower()
    if kind not in (".json", ".html"):
        raise ResultError(f"The record is written as .json or .html, not as '{file.name}'.")
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n" if kind == ".json" else as_page(record)
    write_text(file, text)
    facts = {"good": record["good"], "cosim": record["cosim_sha256"], "sha256": _hash(text)}
    audit.record("note", f"installation qualification: {file.name}", after=facts)


def as_page(record: Mapping[str, Any]) -> str:
    """Return ``record`` as a page with room for names, dates and signatures."""
    return fill("qualification.html.j2", record=record)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
