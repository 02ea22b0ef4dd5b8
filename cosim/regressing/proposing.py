"""Baselines proposed: a draft release of them, that somebody other than its author approves."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cosim.audit.ed25519 import SecretKey
from cosim.errors import ReleaseError, RequestError
from cosim.regressing.approval import Known, approvals_of, hash_in, main_of, name_of, path_in
from cosim.regression.baselines import INDEX, BaselineEntry, Baselines
from cosim.regression.comparison import compare
from cosim.regression.parse import read_suite
from cosim.regression.settings import SETTINGS, Settings, differences, encode_settings
from cosim.regression.suite import Suite
from cosim.release.creating import create_of
from cosim.release.registry import BASELINE, Registry
from cosim.releasing import registry_above, versions
from cosim.results.document import encode
from cosim.scenario.reading import NAME

_MOST_FINDINGS: Final = 200
"""Of a case, that whoever approves is shown."""


def proposing(path: Path, person: str | None) -> Registry | None:
    """Return the registry in which ``person`` proposes baselines of the suite at ``path``; None without one.

    Raises
    ------
    RequestError
        When nobody proposes them where that is required, or somebody does where there is no registry.
    """
    registry = registry_above(path.parent)
    is_required = registry is not None and registry.people().has_approvers()
    if is_required and person is None:
        raise RequestError(
            "Baselines of this project are approved by somebody other than their author. Say who that is: --as PERSON."
        )
    if person is not None and registry is None:
        raise RequestError(
            "--as names somebody of a registry, and there is none here. 'cosim release init' begins one."
        )
    return registry if person is not None else None


def propose(path: Path, registry: Registry, *, person: str, key: SecretKey, reason: str) -> tuple[str, bool]:
    """Make a release of the baselines of the suite at ``path`` as they stand, a draft that waits for approval.

    Returns
    -------
    tuple
        The release, and whether it is approved; where they stand in one already, that.

    Raises
    ------
    CosimError
        When there are none, or this person may not sign.
    """
    suite = read_suite(path)
    baselines = Baselines(suite)
    current = {case: entries[-1] for case, entries in baselines.history().items() if entries}
    for case, entry in current.items():
        if not re.fullmatch(NAME, case):  # which is part of the name of a file
            raise ReleaseError(f"The index of baselines of '{suite.name}' tells of '{case}', which names no case.")
        baselines.read(case, entry)  # refuses another record than the index tells
    if not current:
        raise ReleaseError(f"The suite '{suite.name}' has no baselines to propose.")
    approvals = approvals_of(suite)
    settings = approvals.settings
    same = [one for one in approvals.known if dict(one.entries) == current and one.settings == settings]
    before = approvals.approved
    if before in same:
        assert before is not None
        return before.release.title, True
    waiting = [one.release.title for one in same if one.release.state != "approved"]
    if waiting:
        return waiting[-1], False
    said = _said(suite, registry, reason, before.release.title if before else "")
    with tempfile.TemporaryDirectory(prefix="cosim-baselines-") as folder:
        change, judged = Path(folder) / "change.json", Path(folder) / SETTINGS
        told = {**_change(suite, baselines, before, current), "settings": _changed_settings(before, settings)}
        change.write_text(encode(told, indent=1) + "\n", encoding="utf-8")
        judged.write_bytes(encode_settings(settings))
        files = {
            main_of(registry, suite): (baselines.folder / INDEX, "baseline"),
            path_in(registry, suite, SETTINGS): (judged, "baseline"),
            "change.json": (change, "evidence"),
            "suite.yaml": (suite.path, "document"),
        }
        for case, entry in current.items():
            file = baselines.file(case, entry.sha256)
            files[path_in(registry, suite, file.name)] = (file, "baseline")
        event = create_of(
            registry,
            said,
            files,
            person=person,
            key=key,
            describe=lambda file: {"file": file.name},
            versions=versions(),
            reason=reason,
        )
    return event.chronicle, False


def _said(suite: Suite, registry: Registry, reason: str, supersedes: str) -> dict[str, Any]:
    return {
        "release": name_of(suite),
        "version": str(_next_version(registry, name_of(suite))),
        "kind": BASELINE,
        "description": reason,
        "intended_use": f"Baselines of the regression suite {suite.name}",
        "limits": [],
        "main": main_of(registry, suite),
        "parameters": {},
        "requirements": {},
        "gates": {},
        "approvals": 1,
        "supersedes": supersedes,
    }


def _next_version(registry: Registry, name: str) -> int:
    titles = (title.partition("@") for title in registry.titles())
    taken = [version for known, _, version in titles if known == name]
    return max((int(version) for version in taken if version.isdecimal()), default=0) + 1


def _change(
    suite: Suite, baselines: Baselines, before: Known | None, current: Mapping[str, BaselineEntry]
) -> dict[str, Any]:
    """Return, for whoever approves, what is not as it was approved last."""
    cases = {}
    for case, entry in current.items():
        known = before.entries.get(case) if before else None
        if known is None or known.sha256 != entry.sha256:
            cases[case] = {**asdict(entry), "approved": hash_in(before, case) if before else "", "differences": []}
            if known is not None and case in suite.cases:
                cases[case]["differences"] = _differences(suite, baselines, known, entry, case)
    left_out = sorted(set(before.entries) - set(current)) if before else []
    return {"suite": suite.name, "since": before.release.title if before else "", "cases": cases, "gone": left_out}


def _changed_settings(before: Known | None, settings: Settings) -> dict[str, list[str]]:
    """Return, by case, where it is not judged as it was approved last."""
    known = before.settings if before else {}
    found = {name: differences(known.get(name), settings.get(name)) for name in {**known, **settings}}
    return {name: changes for name, changes in found.items() if changes}


def _differences(
    suite: Suite, baselines: Baselines, known: BaselineEntry, entry: BaselineEntry, case: str
) -> Sequence[str]:
    if not baselines.file(case, known.sha256).is_file():
        return ["The one that was approved is no longer beside the suite, so that they were not compared."]
    found = compare(baselines.read(case, known), baselines.read(case, entry), suite.cases[case].rules)
    return [f"{finding.kind}: {finding.text}" for finding in found.findings[:_MOST_FINDINGS]]
