"""Gates: what must be shown before a release takes its next state, and whether the evidence shows it.

A gate looks into one file of evidence of the release, JSON that a study, a regression or another program has written:
at one value, which must be at least, at most, below or equal to something. The evidence must be about what is
released: somewhere in it stands the SHA-256 of the release's main file, in a regression among the models of its runs,
and not of what these stand beside.

The gate of two compilers looks at the cases of a regression that compare them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cosim.errors import ReleaseError
from cosim.release.suites import Approved, fault_of, is_about, is_suite, mentions

LARGEST: Final = 64 << 20
"""Bytes of evidence that are read."""
_LONGEST_PATH: Final = 500
_MISSING: Final = object()
State = Literal["passed", "failed", "missing", "deviation"]
COMPARISONS: Final = ("equals", "at_most", "at_least", "below", "compilers")
AGREE: Final = "agree"
"""What the gate of two compilers asks of them."""
REVIEW: Final = "review"
"""The gate of approvals by others than the author, which every release has."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be shown: ``value`` of ``evidence`` compared with ``limit``; of 'below', that is another value's path.

    ``about`` is the path of the file that the evidence must be about; empty where it is not asked.
    """

    name: str
    evidence: str
    value: str
    comparison: str
    limit: Any
    about: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate has shown; ``text`` says why in a sentence."""

    gate: str
    state: State
    text: str
    evidence: str = ""
    sha256: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether this stands in the way."""
        return self.state in ("failed", "missing")


def gate_from(name: str, facts: Mapping[str, Any]) -> Gate:
    """Return the gate that a manifest states."""
    return Gate(name, facts["evidence"], facts["value"], facts["comparison"], facts["limit"], facts["about"])


def judge(
    gate: Gate,
    hashes: Mapping[str, str],
    read: Callable[[str], bytes],
    approved: Approved = lambda: None,
    *,
    is_past: bool = False,
) -> Finding:
    """Look at the evidence for ``gate``; ``hashes`` are those of the files of the release by path.

    ``approved`` tells which baselines a regression may compare with. Of a step of the past, ``is_past``, evidence may
    be such as an earlier cosim has made.

    Raises
    ------
    ReleaseError
        When a file of the release is not what was signed.
    """
    digest = hashes.get(gate.evidence)
    if digest is None:
        text = f"there is no '{gate.evidence}' in the release yet; 'cosim release evidence' adds it"
        return Finding(gate.name, "missing", text, gate.evidence)
    try:
        document = json.loads(read(digest))
    except (ValueError, RecursionError):
        return Finding(gate.name, "failed", f"'{gate.evidence}' is not JSON", gate.evidence, digest)
    fault = fault_of(document, gate.evidence, approved, is_past=is_past) if is_suite(document) else ""
    if fault:
        return Finding(gate.name, "failed", fault, gate.evidence, digest)
    if isinstance(document, list) and any(map(is_suite, document)):
        text = f"'{gate.evidence}' holds the outcomes of several suites: make evidence of each by itself"
        return Finding(gate.name, "failed", text, gate.evidence, digest)
    subject = hashes.get(gate.about, "")
    if gate.comparison == "compilers" and (subject or not gate.about):
        state, text = _compilers(document, gate.evidence, subject)
        return Finding(gate.name, state, text, gate.evidence, digest)
    if gate.about and not (subject and is_about(document, subject)):
        text = f"'{gate.evidence}' is about something else: the SHA-256 of '{gate.about}' is {_where(document)}"
        return Finding(gate.name, "failed", text, gate.evidence, digest)
    holds, text = _compare(gate, document)
    return Finding(gate.name, "passed" if holds else "failed", text, gate.evidence, digest)


def _where(document: Any) -> str:  # noqa: ANN401
    return "among none of its 'models'" if is_suite(document) else "nowhere in it"


def _compilers(document: Any, evidence: str, subject: str) -> tuple[State, str]:  # noqa: ANN401
    """Judge the cases of a regression that compare ``subject``, built by two compilers; all where it is ''."""
    cases = document.get("cases") if isinstance(document, dict) else None
    beside = [one for one in cases if _is_of_two(one)] if isinstance(cases, list) else []
    if not beside:
        text = "no case of it has a 'compiler' and another one 'against' it"
        return "failed", f"'{evidence}' compares no two compilers: {text}"
    for one in beside:
        pair, case = " and ".join(one["compilers"]), f"the case '{one.get('case')}'"
        if one.get("status") == "skipped":
            return "missing", f"{pair} were not compared where '{evidence}' was made ({case}: {one.get('reason')})"
        if one.get("status") != "passed":
            return "failed", f"{pair} do not agree: {case} is {one.get('status')}"
    about = [str(one.get("case")) for one in beside if _differs(one, subject)]
    if not about:
        return "failed", f"'{evidence}' compares two compilers for other models than what is released"
    return "passed", f"two compilers agree: {', '.join(about)}"


def _is_of_two(case: Any) -> bool:  # noqa: ANN401
    found = case.get("compilers") if isinstance(case, dict) else None
    if not isinstance(found, list) or len(found) != 2:
        return False
    return all(isinstance(one, str) for one in found) and found[0] != found[1]


def _differs(case: Mapping[str, Any], subject: str) -> bool:
    """Tell whether ``subject`` ran on one side of ``case`` only, so that another compiler has built the other's."""
    models, others = case.get("models"), case.get("models_against")
    return models != others if not subject else mentions(models, subject) != mentions(others, subject)


def _compare(gate: Gate, document: Any) -> tuple[bool, str]:  # noqa: ANN401
    found = look_up(document, gate.value)
    if found is _MISSING:
        return False, f"'{gate.evidence}' has no '{gate.value}'"
    limit = look_up(document, gate.limit) if gate.comparison == "below" else gate.limit
    shown = f"{gate.value} is {_shown(found)}"
    if gate.comparison == "equals":
        return found == limit and type(found) is type(limit), f"{shown}; it should be {_shown(limit)}"
    if limit is _MISSING:
        return False, f"'{gate.evidence}' has no '{gate.limit}'"
    if not is_number(found) or not is_number(limit):
        return False, f"{shown}, and not a number to compare with {_shown(limit)}"
    holds = {"at_most": found <= limit, "at_least": found >= limit, "below": found < limit}[gate.comparison]
    word = gate.comparison.replace("_", " ")
    return holds, f"{shown}; it should be {word} {_shown(limit)}"


def look_up(document: Any, path: str) -> Any:  # noqa: ANN401
    """Return the value at a ``path`` such as ``answer.tables.fit.reactor.titre.batch_3.ratio``.

    Names may hold dots. In a table, with 'columns' and 'rows', a row goes by its first cell, and a cell by its column.
    What is not there is a value of its own.
    """
    if not path:
        return document
    for part, inner in _inside(document, path):
        found = look_up(inner, path[len(part) + 1 :])
        if found is not _MISSING:
            return found
    return _MISSING


def _inside(document: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """List what ``path`` may go to next, the longest name first."""
    pairs: list[tuple[str, Any]] = []
    if isinstance(document, dict):
        pairs = list(document.items())
        columns, rows = document.get("columns"), document.get("rows")
        if isinstance(columns, list) and isinstance(rows, list):
            cells = (row for row in rows if isinstance(row, list) and row)
            pairs += [(str(row[0]), dict(zip(map(str, columns), row, strict=False))) for row in cells]
    elif isinstance(document, list) and (first := path.partition(".")[0]).isdecimal() and int(first) < len(document):
        pairs = [(first, document[int(first)])]
    for name, value in sorted(pairs, key=lambda pair: -len(pair[0])):
        if name and (path == name or path.startswith(f"{name}.")):
            yield name, value


def is_number(value: object) -> bool:
    """Tell whether ``value`` is a finite number, which neither True nor a whole one beyond all floats is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max


def _shown(value: object) -> str:
    text = "missing" if value is _MISSING else json.dumps(value)
    return text if len(text) <= 100 else f"{text[:99]}…"


def checked_gate(name: str, written: Mapping[str, Any], main: str) -> Gate:
    """Return the gate that a release file declares under ``name``.

    Raises
    ------
    ReleaseError
        When it is not one.
    """
    unknown = set(written) - {"evidence", "value", "about", *COMPARISONS}
    if unknown:
        raise ReleaseError(f"The gate '{name}' has no key '{sorted(unknown)[0]}'.")
    given = [word for word in COMPARISONS if word in written]
    has_value = "value" in written
    if "evidence" not in written or len(given) > 1 or (given and has_value == (given == ["compilers"])):
        raise ReleaseError(
            f"The gate '{name}' takes 'evidence: FILE', 'value: PATH' in it, and one of {', '.join(COMPARISONS)}."
        )
    comparison = given[0] if given else "equals"
    limit = written[comparison] if given else True
    value = written.get("value", "good")
    about = written.get("about", main)
    if comparison == "compilers" and limit != AGREE:
        raise ReleaseError(f"The gate '{name}' has 'compilers: {limit}'. There is only 'compilers: {AGREE}'.")
    if comparison in ("at_most", "at_least") and not is_number(limit):
        raise ReleaseError(f"The gate '{name}' compares with '{limit}', which is no number.")
    if any(isinstance(text, str) and len(text) > _LONGEST_PATH for text in (value, limit)):
        raise ReleaseError(f"The gate '{name}' has a path longer than {_LONGEST_PATH} characters.")
    if not all(isinstance(text, str) for text in (written["evidence"], value, about)):
        raise ReleaseError(f"'evidence', 'value' and 'about' of the gate '{name}' should be text.")
    if comparison == "below" and not isinstance(limit, str):
        raise ReleaseError(f"'below' of the gate '{name}' should be the path of another value.")
    return Gate(name, written["evidence"], value, comparison, limit, "" if about == "nothing" else about)
