"""Baselines changed on purpose: the runs of a suite become what later ones are compared with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cosim import audit
from cosim.audit.lock import locked
from cosim.errors import CosimError, RequestError, ScenarioError
from cosim.loading import OnBuilt
from cosim.regressing.running import Done, Made, choose, make_records
from cosim.regression.baselines import BaselineEntry, Baselines
from cosim.regression.comparison import Comparison, compare
from cosim.regression.parse import read_suite
from cosim.regression.suite import Case, Suite


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What has become of a baseline: ``entry`` None where nothing has changed, ``comparison`` None for a first one."""

    case: Case
    entry: BaselineEntry | None
    comparison: Comparison | None


def set_baselines(
    path: str | Path,
    cases: Sequence[str] = (),
    *,
    reason: str,
    by: str,
    workers: int | None = None,
    on_built: OnBuilt | None = None,
    on_done: Done = lambda *_: None,
) -> list[Change]:
    """Run cases of a suite and keep their records as baselines.

    A case whose run is inside all tolerances of its baseline keeps it.

    Parameters
    ----------
    path
        The suite file.
    cases
        Names of the cases; default all that have no 'against'.
    reason, by
        Why, and who says so; both are kept.
    workers, on_built, on_done
        As for ``regress``.

    Raises
    ------
    CosimError
        When a run cannot be made, or has failed; no baseline is changed then.
    """
    if not reason.strip():
        raise RequestError("A baseline is changed for a reason. Give --reason.")
    suite = read_suite(Path(path))
    chosen = choose(suite, cases)
    beside = [case for case in chosen if case.against is not None]
    if cases and beside:
        raise ScenarioError(f"Case '{beside[0].name}' stands 'against' something, and has no baseline.")
    chosen = [case for case in chosen if case.against is None]
    made = make_records(suite, chosen, workers=workers, on_built=on_built, on_done=on_done)
    for case in chosen:
        problem = made[case.name].problem
        if problem is not None:
            raise problem
        record = made[case.name].records.get("subject")
        if record is not None and record.status != "completed":
            raise CosimError(
                f"A run that has {record.status} is no baseline, as that of '{case.name}': {record.reason}"
            )
    with _alone(suite):
        return _changes(suite, [case for case in chosen if not made[case.name].skipped], made, reason=reason, by=by)


@contextmanager
def _alone(suite: Suite) -> Iterator[None]:
    """Let no other process change baselines of ``suite`` during the block: of its file, for that one is never moved."""
    descriptor = os.open(suite.path, os.O_RDONLY)
    try:
        with locked(descriptor, suite.path):
            yield
    finally:
        os.close(descriptor)


def _changes(suite: Suite, cases: Sequence[Case], made: Mapping[str, Made], *, reason: str, by: str) -> list[Change]:
    baselines = Baselines(suite)
    changes = []
    for case in cases:
        record = made[case.name].records["subject"]
        known = baselines.current(case.name)
        comparison = compare(baselines.read(case.name, known), record, case.rules) if known is not None else None
        if comparison is not None and not comparison.findings:
            changes.append(Change(case, None, comparison))
            continue
        previous = known.sha256 if known is not None else ""
        subject = f"{suite.name}, {case.name}"
        with audit.action(
            "regression", subject, why=reason, before=partial(_told, previous, by), beside=suite.path.parent
        ) as doing:
            entry = baselines.write(case.name, record, reason=reason, by=by, previous=previous)
            doing.after = partial(_told, entry.sha256 if entry else previous, by)
        changes.append(Change(case, entry, comparison))
    return changes


def _told(sha256: str, by: str) -> dict[str, str]:
    return {"baseline": sha256, "by": by}
