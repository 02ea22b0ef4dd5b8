"""A suite from its file to its outcome: what is known already, what is run, what is compared."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Final, Literal

import numpy as np

from cosim._version import __version__
from cosim.errors import CosimError, ProblemList, ResultError, ScenarioError
from cosim.loading import OnBuilt
from cosim.native import cache_folder
from cosim.regressing.approval import Approvals, approvals_of
from cosim.regressing.crew import Order, carry_out_orders, usable_cores
from cosim.regressing.keys import key_of
from cosim.regressing.measured import read_data
from cosim.regressing.staging import is_runnable, stage
from cosim.regression.baselines import Baselines
from cosim.regression.comparison import Comparison, compare
from cosim.regression.finding import Finding
from cosim.regression.outcome import CaseOutcome, SuiteOutcome
from cosim.regression.parse import read_suite
from cosim.regression.record import Record
from cosim.regression.storage import read_record
from cosim.regression.suite import Case, Data, Subject, Suite
from cosim.regression.tolerance import Rules
from cosim.system.nearest import nearest

Side = Literal["subject", "against"]
REPEATS: Final = 3
"""How often both sides are run in turn where their times are compared; the shortest counts."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The runs of a case: where the record of each side is, or will be."""

    case: Case
    outputs: Mapping[Side, Path]
    is_known: bool
    """True where all of them are there."""


Done = Callable[[str, int, int], None]
"""Told the case whose runs have been made, how many are, and of how many."""


def regress(
    path: str | Path,
    cases: Sequence[str] = (),
    *,
    run_all: bool = False,
    workers: int | None = None,
    on_built: OnBuilt | None = None,
    on_done: Done = lambda *_: None,
) -> SuiteOutcome:
    """Compare what a suite lists with its baselines; nothing but the cache is written.

    Parameters
    ----------
    path
        The suite file.
    cases
        Names of the cases to look at; default all.
    run_all
        Run also what nothing has changed for.
    workers
        Processes that make runs; default one per core. 0 makes them in this process.
    on_built, on_done
        Told what was built, and which runs were made.

    Raises
    ------
    CosimError
        When the suite cannot be read, all its problems at once. What is wrong with a case is told in its outcome.
    """
    began = perf_counter()
    suite = read_suite(Path(path))
    chosen = choose(suite, cases)
    baselines = Baselines(suite)
    baselines.history()
    approvals = approvals_of(suite)
    records = make_records(suite, chosen, run_all=run_all, workers=workers, on_built=on_built, on_done=on_done)
    found = [_judged(case, records[case.name], baselines, approvals) for case in chosen]
    found += [_gone(suite, finding) for finding in (() if cases else approvals.gone())]
    versions = {"cosim": __version__, "python": platform.python_version(), "numpy": np.__version__}
    return SuiteOutcome(suite, found, perf_counter() - began, versions, approvals.settings)


def choose(suite: Suite, names: Sequence[str]) -> list[Case]:
    """Return the cases called ``names``, all when there are none.

    Raises
    ------
    ScenarioError
        Naming what is not there.
    """
    for name in names:
        if name not in suite.cases:
            raise ScenarioError(f"There is no case '{name}' in '{suite.path}'.{nearest(name, suite.cases)}")
    return [suite.cases[name] for name in names] if names else list(suite.cases.values())


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The records of a case, or the problem with them; ``skipped`` says why nobody is to blame."""

    records: Mapping[Side, Record]
    is_known: bool = False
    problem: CosimError | None = None
    skipped: str = ""


def make_records(
    suite: Suite,
    cases: Sequence[Case],
    *,
    run_all: bool = False,
    workers: int | None = None,
    on_built: OnBuilt | None = None,
    on_done: Done = lambda *_: None,
) -> dict[str, Made]:
    """Run what is not known of ``cases``; return the records of each."""
    made: dict[str, Made] = {}
    planned = []
    for case in cases:
        why = next((why for subject in _subjects(case).values() if (why := is_runnable(subject))), "")
        if why:
            made[case.name] = Made({}, skipped=why)
            continue
        try:
            planned.append(_plan(case, on_built))
        except CosimError as error:
            made[case.name] = Made({}, problem=error)
    waiting = [plan for plan in planned if run_all or not plan.is_known]
    failed = _carry_out(suite, waiting, usable_cores() if workers is None else workers, on_done)
    for plan in planned:
        problem = failed.get(plan.case.name)
        made[plan.case.name] = Made({}, problem=problem) if problem else _read(plan, is_known=plan not in waiting)
    return made


def _subjects(case: Case) -> dict[Side, Subject]:
    sides: dict[Side, Subject] = {"subject": case.subject}
    if isinstance(case.against, Subject):
        sides["against"] = case.against
    return sides


def _plan(case: Case, on_built: OnBuilt | None) -> Planned:
    """Build what the runs of ``case`` need, and find out whether their records are there."""
    keys = {}
    for side, subject in _subjects(case).items():
        staged = None if subject.kind == "study" else stage(subject, case, on_built)
        keys[side] = key_of(subject, case, staged)
    if len(set(keys.values())) < len(keys):
        assert isinstance(case.against, Subject)
        raise ScenarioError(
            f"Case '{case.name}' stands against itself: scenario, models and parameters of both sides are the same, so "
            "that it would always pass. Say under 'against' what differs; all else there, 'sources' too, is as in the "
            "case.",
            location=case.against.origin,
        )
    if case.rules.seconds is not None:  # of two runs at different times, the times mean nothing
        pair = hashlib.sha256(" ".join(keys.values()).encode()).hexdigest()
        keys = {side: f"{pair}-{side}" for side in keys}
    folder = cache_folder() / "regression"
    folder.mkdir(parents=True, exist_ok=True)
    outputs = {side: folder / f"{key}.npz" for side, key in keys.items()}
    return Planned(case, outputs, all(_is_record(path) for path in outputs.values()))


def _is_record(path: Path) -> bool:
    """Tell whether the record of a run that completed is there; what made another one fail may have passed."""
    try:
        return read_record(path).status == "completed"
    except ResultError:
        return False


def _carry_out(suite: Suite, waiting: Sequence[Planned], n: int, on_done: Done) -> dict[str, CosimError]:
    """Make the runs; return what went wrong, by case."""
    orders: list[Order] = []
    names = []
    for plan in waiting:
        sides = {side: str(path) for side, path in plan.outputs.items()}
        is_timed = plan.case.rules.seconds is not None
        for outputs in [sides] if is_timed else [{side: path} for side, path in sides.items()]:
            orders.append(
                {
                    "text": suite.text,
                    "suite": str(suite.path.resolve()),
                    "case": plan.case.name,
                    "outputs": outputs,
                    "repeats": REPEATS if is_timed else 1,
                }
            )
            names.append(plan.case.name)
    failed: dict[str, CosimError] = {}
    for n_done, (i, answer) in enumerate(carry_out_orders(orders, n), start=1):
        if "crashed" in answer:
            failed[names[i]] = CosimError(f"The run of case '{names[i]}' has crashed: {answer['crashed']}.")
        elif "error" in answer:
            error = ScenarioError(answer["error"])
            failed[names[i]] = error if answer["exit_code"] == error.exit_code else CosimError(answer["error"])
        on_done(names[i], n_done, len(orders))
    return failed


def _read(plan: Planned, *, is_known: bool) -> Made:
    try:
        found = {side: read_record(path) for side, path in plan.outputs.items()}
    except ResultError as error:
        return Made({}, problem=CosimError(f"The record of case '{plan.case.name}': {error}"))
    return Made(found, is_known)


def _judged(case: Case, made: Made, baselines: Baselines, approvals: Approvals) -> CaseOutcome:
    if made.skipped:
        return CaseOutcome(case, "skipped", reason=made.skipped)
    if made.problem is not None:
        return CaseOutcome(case, "error", reason=_told(made.problem), exit_code=made.problem.exit_code)
    candidate = made.records["subject"]
    seconds = sum(record.seconds for record in made.records.values())
    beside = made.records["against"].models if "against" in made.records else {}
    known = CaseOutcome(
        case, "error", candidate=candidate, seconds=seconds, is_known=made.is_known, models_against=beside
    )
    try:
        what, digest, baseline, unapproved = _baseline(case, made, baselines, approvals)
        known = replace(known, baseline=what, baseline_sha256=digest)
        comparison = _no_baseline(case, candidate) if baseline is None else compare(baseline, candidate, case.rules)
        changed = approvals.changed(case)
        findings = (*unapproved, *([changed] if changed else ()), *comparison.findings)
        comparison = replace(comparison, findings=findings)
    except CosimError as error:
        place = error.location or case.origin
        text = _told(error) if error.location else f"{place}: {error.message}"
        return replace(known, reason=text, exit_code=error.exit_code)
    if comparison.holds:
        return replace(known, status="passed", comparison=comparison)
    broken = any(finding.kind == "failed" for finding in comparison.failures)
    return replace(known, status="failed", comparison=comparison, exit_code=3 if broken else 1)


def _gone(suite: Suite, finding: Finding) -> CaseOutcome:
    """Return the outcome of a case that is not in the suite any more."""
    case = Case(finding.subject, Subject("scenario", suite.path), None, Rules())
    return CaseOutcome(case, "failed", "gone from the suite", exit_code=1, comparison=Comparison((finding,)))


def _told(error: CosimError) -> str:
    return "\n".join(map(str, error.problems)) if isinstance(error, ProblemList) else str(error)


def _baseline(
    case: Case, made: Made, baselines: Baselines, approvals: Approvals
) -> tuple[str, str, Record | None, Sequence[Finding]]:
    """Return what ``case`` is compared with, in words, by the hash of a baseline, as a record; what speaks against."""
    if isinstance(case.against, Data):
        return f"data {case.against.path.name}", "", read_data(case.against), ()
    if case.against is not None:
        return "beside it", "", made.records["against"], ()
    entry = baselines.current(case.name)
    if entry is None:
        return "none", "", None, ()
    missing = approvals.missing(case.name, entry)
    told = f"baseline {entry.sha256[:8]} of {entry.at[:10]}, {approvals.told(case.name, entry)}"
    if not baselines.is_as_written(case.name):
        told += ", changed since it was written"
    return told, entry.sha256, baselines.read(case.name, entry), () if missing is None else (missing,)


def _no_baseline(case: Case, candidate: Record) -> Comparison:
    if candidate.status != "completed":
        return Comparison(
            (Finding("failed", "run", f"The run has {candidate.status}: {candidate.reason}", candidate.end),)
        )
    text = f"There is no baseline of '{case.name}'. Look at the run, then: cosim release baseline … --reason …"
    return Comparison((Finding("baseline", case.name, text),))
