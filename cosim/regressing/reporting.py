"""What is left of a suite that was run: a page for people, JUnit XML and JSON for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cosim.regression.document import document_of
from cosim.regression.junit import junit_of
from cosim.regression.outcome import SuiteOutcome
from cosim.regression.page import render
from cosim.results.document import encode, write_text
from cosim.run_folder import make_folder


def write_reports(outcome: SuiteOutcome, out: str | Path | None = None) -> Path:
    """Write ``report.html``, ``junit.xml`` and ``regress.json``; return their folder.

    ``out`` is the folder; default ``results/regress_<suite>/<run id>`` in the working directory. Files of an earlier
    outcome in ``out`` are replaced.

    Raises
    ------
    ResultError
        When they cannot be written.
    """
    folder, _ = make_folder(f"regress_{outcome.suite.name}", out)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    write_text(folder / "report.html", render(outcome, at))
    write_text(folder / "junit.xml", junit_of(outcome))
    write_text(folder / "regress.json", encode({"at": at, **document_of(outcome)}, indent=2) + "\n")
    return folder
