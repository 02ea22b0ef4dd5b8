"""What a suite of regression tells as evidence: whether it may count for a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

Approved = Callable[[], Set[str] | None]
"""Returns the hashes of the baselines that are approved; None where nobody approves."""


def is_suite(document: Any) -> bool:  # noqa: ANN401
    """Tell whether ``document`` is what a suite has come to."""
    return isinstance(document, dict) and "suite" in document and isinstance(document.get("cases"), list)


def fault_of(document: Mapping[str, Any], evidence: str, approved: Approved) -> str:
    """Return why what a suite has come to cannot count, in a sentence; '' where it can."""
    left_out = document.get("left_out")
    if left_out:
        names = ", ".join(map(str, left_out)) if isinstance(left_out, list) else str(left_out)
        return f"'{evidence}' leaves out cases of the suite '{document['suite']}' ({names}): run it without --case"
    cases = [case for case in document["cases"] if isinstance(case, dict)]
    compared = [case for case in cases if str(case.get("compared_with")).startswith("baseline ")]
    hashes = approved() if compared else None
    return "" if hashes is None else _unapproved(compared, evidence, hashes)


def _unapproved(cases: Iterable[Mapping[str, Any]], evidence: str, hashes: Set[str]) -> str:
    for case in cases:
        known = case.get("baseline_sha256")
        # Evidence from before hashes were told says it in words.
        is_approved = str(known) in hashes if known else not str(case["compared_with"]).endswith(", unapproved")
        if not is_approved:
            return (
                f"'{evidence}' compares the case '{case.get('case')}' with a baseline that is not approved here: "
                "run the suite in the project of the registry"
            )
    return ""


def is_about(document: Any, digest: str) -> bool:  # noqa: ANN401
    """Tell whether ``document`` is about the file of that SHA-256; a suite where it ran it, not beside what it ran."""
    if not is_suite(document):
        return mentions(document, digest)
    return any(mentions(case.get("models"), digest) for case in document["cases"] if isinstance(case, dict))


def mentions(document: Any, text: str) -> bool:  # noqa: ANN401
    """Tell whether some string in ``document`` is ``text``."""
    stack = [document]
    while stack:
        item = stack.pop()
        if item == text:
            return True
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False
