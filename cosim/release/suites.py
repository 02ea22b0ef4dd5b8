"""What a suite of regression tells as evidence: whether it may count for a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any, Final

Approved = Callable[[], Set[str] | None]
"""Returns the hashes of the baselines that are approved; None where nobody approves."""

_TOLD: Final = ("left_out", "settings_sha256")
_TOLD_OF_CASE: Final = ("case", "status", "compared_with", "baseline_sha256", "compilers", "models", "models_against")


def is_suite(document: Any) -> bool:  # noqa: ANN401
    """Tell whether ``document`` is what a suite has come to."""
    return isinstance(document, dict) and "suite" in document and isinstance(document.get("cases"), list)


def fault_of(document: Mapping[str, Any], evidence: str, approved: Approved, *, is_past: bool = False) -> str:
    """Return why what a suite has come to cannot count, in a sentence; '' where it can.

    For a step of the past it is enough to tell what an earlier cosim did.
    """
    untold = "" if is_past else next(_untold(document), "")
    if untold:
        return (
            f"'{evidence}' does not tell {untold}, as what 'cosim regress' writes does: it is of an earlier cosim, or "
            "was changed. Run the suite again"
        )
    left_out = document.get("left_out")
    if left_out:
        names = ", ".join(map(str, left_out)) if isinstance(left_out, list) else str(left_out)
        return f"'{evidence}' leaves out cases of the suite '{document['suite']}' ({names}): run it without --case"
    cases = [case for case in document["cases"] if isinstance(case, dict)]
    compared = [case for case in cases if str(case.get("compared_with")).startswith("baseline ")]
    hashes = approved() if compared else None
    return "" if hashes is None else _unapproved(document, compared, evidence, hashes)


def _untold(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the outcome of a suite does not tell, in words."""
    yield from (f"'{name}'" for name in _TOLD if name not in document)
    for number, case in enumerate(document["cases"]):
        if not isinstance(case, dict):
            yield f"what its case {number} is"
        else:
            yield from (f"'{name}' of the case '{case.get('case')}'" for name in _TOLD_OF_CASE if name not in case)


def _unapproved(
    document: Mapping[str, Any], cases: Iterable[Mapping[str, Any]], evidence: str, hashes: Set[str]
) -> str:
    for case in cases:
        known = case.get("baseline_sha256", "" if str(case["compared_with"]).endswith(", unapproved") else None)
        if known is not None and str(known) not in hashes:
            return (
                f"'{evidence}' compares the case '{case.get('case')}' with a baseline that is not approved here: "
                "run the suite in the project of the registry"
            )
    if "settings_sha256" in document and str(document["settings_sha256"]) not in hashes:
        return (
            f"'{evidence}' is of a suite with other cases or tolerances, or held against something else, than were "
            "approved with its baselines: propose them with 'cosim release baseline'"
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
