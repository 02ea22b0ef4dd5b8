"""The validation report of a release: everything that was signed and shown, on one page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cosim.audit.ed25519 import fingerprint
from cosim.errors import ReleaseError
from cosim.release.gates import Finding
from cosim.release.people import STATES
from cosim.release.registry import Registry
from cosim.release.state import Release
from cosim.results.document import write_bytes, write_text
from cosim.results.templating import fill

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
"""Programs that print a page as PDF."""
PATIENCE: Final = 120
"""How long one may take [s]."""
_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "verified": ("Verification", "Does the software compute what the model says? Gates before the state 'verified'."),
    "validated": (
        "Calibration, prediction, sensitivity",
        "Does the model say what the process does, for its intended use? Gates before the state 'validated'.",
    ),
    "approved": ("Approval", "Has somebody else than the author looked at it? Gates before the state 'approved'."),
}
_TONES: Final = {"approved": "good", "retired": "bad"}
_WORDS: Final = {"create": "created", "evidence": "evidence", "approve": "approved", "retire": "retired"}


def write_report(registry: Registry, title: str, file: Path) -> None:
    """Write the validation report of the release to ``file``, as .html, or as .pdf where a browser prints it.

    Raises
    ------
    ReleaseError, SignatureError
        When there is no such release, it is not what was signed, or nothing here makes a PDF.
    ResultError
        When the file cannot be written.
    """
    if file.suffix.lower() not in (".html", ".pdf"):
        raise ReleaseError(f"A report is written as .html or .pdf, not as '{file.name}'.")
    page = render(registry, registry.release(title))
    if file.suffix.lower() == ".html":
        write_text(file, page)
    else:
        write_bytes(file, as_pdf(page))


def render(registry: Registry, release: Release) -> str:
    """Return the report as one HTML page; gates are judged anew."""
    findings = {state: registry.findings(release, state) for state in STATES}
    return fill(
        "validation.html.j2",
        title=release.title,
        kind=release.manifest["kind"],
        registry=registry.name[:12],
        state=release.state,
        verdict=_verdict(release, findings),
        tone="doubt" if release.state == "approved" and release.deviations else _TONES.get(release.state, "doubt"),
        manifest=release.manifest,
        deviations=release.deviations,
        requirements=_requirements(release, findings),
        parts=[{"title": _TITLES[s][0], "text": _TITLES[s][1], "findings": findings[s]} for s in STATES],
        signatures=_signatures(release),
        files=_files(release),
        made=_made(release),
    )


def _verdict(release: Release, findings: Mapping[str, Sequence[Finding]]) -> str:
    n_open = sum(finding.is_open for one in findings.values() for finding in one)
    n_deviations = len(release.deviations)
    deviations = f", with {n_deviations} deviation{'s' * (n_deviations > 1)}" if n_deviations else ""
    gates = f"{n_open} gate{'s' * (n_open != 1)} not passed" if n_open else "no gate is open"
    return f"{gates}{deviations}"


def _requirements(release: Release, findings: Mapping[str, Sequence[Finding]]) -> list[dict[str, str]]:
    """Return a row for each requirement and test of it."""
    known = {finding.gate: finding for one in findings.values() for finding in one}
    rows = []
    for name, requirement in release.manifest["requirements"].items():
        base = {"name": name, "text": requirement["text"]}
        for test in requirement["tests"]:
            found = known.get(test)
            state = found.state if found else "missing"
            text = f"{state}: {found.text}" if found else "no such gate"
            rows.append({**base, "test": test, "state": state, "result": text})
        if not requirement["tests"]:
            rows.append({**base, "test": "–", "state": "missing", "result": "no test"})
    return rows


def _signatures(release: Release) -> list[dict[str, Any]]:
    return [
        {"event": event, "number": fingerprint(event.by.key), "step": _step(event.event, event.facts)}
        for event in release.events
    ]


def _step(event: str, facts: Mapping[str, Any]) -> str:
    if event == "promote":
        return f"{facts['from']} → {facts['to']}"
    return f"deviation from '{facts['gate']}'" if event == "deviation" else _WORDS[event]


def _files(release: Release) -> list[dict[str, str]]:
    roles = {item["path"]: item["role"] for item in release.manifest["content"]}
    return [
        {"path": path, "role": roles.get(path, "evidence"), "sha256": sha256}
        for path, sha256 in sorted(release.hashes.items())
    ]


def _made(release: Release) -> dict[str, str]:
    manifest = release.manifest
    shown = {
        "main": manifest["main"],
        "supersedes": manifest["supersedes"] or "–",
        **{f"made with {name}": str(value) for name, value in manifest["versions"].items()},
        **{f"{name} of main": str(value) for name, value in manifest["compiler"].items() if name != "file"},
        "gates demanded": "; ".join(f"{s}: {', '.join(g) or 'none'}" for s, g in manifest["policy"].items()) or "none",
    }
    return shown


def as_pdf(page: str) -> bytes:
    """Print ``page`` with a browser without a window.

    Raises
    ------
    ReleaseError
        When there is none, or it prints nothing.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ReleaseError("A PDF is printed by Chromium, which is not installed. Write .html, and print that.")
    with tempfile.TemporaryDirectory(prefix="cosim-report-") as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "getuid") and os.getuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root with one; the page is ours
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, cwd=folder)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise ReleaseError(f"'{browser}' has printed no PDF ({type(error).__name__}). Write .html.") from error
