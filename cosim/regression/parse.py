"""Suite file → Suite, with every problem of the file found in one pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cosim.errors import raise_all
from cosim.regression.finding import KINDS, UNACCEPTABLE
from cosim.regression.parse_rules import TOLERANCE_KEYS, read_numbers, read_signals, read_tolerance, share
from cosim.regression.parse_subject import AGAINST_KEYS, SUBJECT_KEYS, read_against, read_subject
from cosim.regression.suite import Case, Suite
from cosim.regression.tolerance import Rules, Tolerance
from cosim.scenario.document import Entry, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.reading import NAME, Problems, entries_of, fields_of, name_of, scalars_of, text_of
from cosim.system.nearest import nearest

KEYS: Final = ("suite", "description", "tolerance", "cases")
"""All keys of a suite."""
CASE_KEYS: Final = (*SUBJECT_KEYS, "against", "tolerance", "signals", "kpis", "ledger", "cost", "accept")
"""All keys of a case."""
__all__ = ["AGAINST_KEYS", "CASE_KEYS", "KEYS", "TOLERANCE_KEYS", "parse_suite", "read_suite"]


def read_suite(path: Path) -> Suite:
    """Read the suite at ``path``.

    Raises
    ------
    ScenarioError, ProblemList
        All problems of the file at once, each with its line.
    """
    return parse_suite(read_text(path, "suite"), path)


def parse_suite(text: str, path: Path) -> Suite:
    """Do the same with the ``text`` of the file."""
    root = parse_document(text, path, "suite")
    problems = Problems()
    fields = fields_of(root, KEYS, "A suite", problems)
    tolerance = Tolerance()
    if "tolerance" in fields:
        tolerance = read_tolerance(fields["tolerance"].value, "'tolerance'", tolerance, problems)
    entries = entries_of(fields["cases"].value, "'cases'", problems) if "cases" in fields else ()
    if not entries:
        problems.add("There are no 'cases'. Write at least 'cases: {hello: {scenario: ../hello.yaml}}'.", root.origin)
    cases = {entry.key: case for entry in entries if (case := _case(entry, path.parent, tolerance, problems))}
    suite = Suite(
        path=path,
        text=text,
        name=name_of(fields, "suite", root.origin, problems),
        description=(text_of(fields["description"].value, "'description'", problems) or "")
        if "description" in fields
        else "",
        cases=cases,
    )
    raise_all(problems.found)
    return suite


def _case(entry: Entry, folder: Path, tolerance: Tolerance, problems: Problems) -> Case | None:
    what = f"Case '{entry.key}'"
    if not re.fullmatch(NAME, entry.key):
        problems.add(f"'{entry.key}' cannot name a case: use letters, digits, underscores and hyphens.", entry.origin)
        return None
    fields = fields_of(entry.value, CASE_KEYS, what, problems)
    if not isinstance(entry.value, MappingNode):
        return None
    subject = read_subject(fields, folder, what, entry.origin, problems)
    if subject is None:
        return None
    against = read_against(fields["against"], subject, folder, what, problems) if "against" in fields else None
    if "tolerance" in fields:
        tolerance = read_tolerance(fields["tolerance"].value, f"'tolerance' of {what}", tolerance, problems)
    numbers, rules_of_numbers = read_numbers(fields, what, tolerance, problems)
    if numbers and subject.kind == "study":
        problems.add(f"{what} is a study, which has responses and no 'kpis'.", fields["kpis"].origin)
    costs = _costs(fields, what, is_beside=against is not None, problems=problems)
    rules = Rules(
        tolerance=tolerance,
        signals=read_signals(fields, what, tolerance, problems),
        numbers=rules_of_numbers,
        ledger=share(fields["ledger"], f"'ledger' of {what}", problems) if "ledger" in fields else None,
        steps=costs.get("steps"),
        seconds=costs.get("seconds"),
        accept=_accepted(fields, what, problems),
    )
    return Case(entry.key, subject, against, rules, numbers, entry.origin)


def _costs(fields: Mapping[str, Entry], what: str, *, is_beside: bool, problems: Problems) -> dict[str, float]:
    """Read ``cost: {steps: 1.1, seconds: 1.5}``: at most how many times those of the baseline."""
    if "cost" not in fields:
        return {}
    read = fields_of(fields["cost"].value, ("steps", "seconds"), f"'cost' of {what}", problems)
    if "seconds" in read and not is_beside:
        problems.add(
            f"{what} limits 'seconds', which mean something only beside a run on the same machine at the same time. "
            "Say 'against' what, or limit 'steps'.",
            read["seconds"].origin,
        )
    found = {key: share(entry, f"'{key}' of {what}", problems) for key, entry in read.items()}
    return {key: value for key, value in found.items() if value is not None}


def _accepted(fields: Mapping[str, Entry], what: str, problems: Problems) -> frozenset[str]:
    written = scalars_of(fields["accept"].value, f"'accept' of {what}", problems) if "accept" in fields else ()
    for scalar in written:
        if scalar.text in UNACCEPTABLE:
            problems.add(f"{what} cannot accept '{scalar.text}'.", scalar.origin)
        elif scalar.text not in KINDS:
            hint = nearest(scalar.text, KINDS) or f" There are {', '.join(KINDS)}."
            problems.add(f"There is no finding of the kind '{scalar.text}'.{hint}", scalar.origin)
    return frozenset(scalar.text for scalar in written)
