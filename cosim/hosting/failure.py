"""Errors that pass from a host to who uses it, and what a host itself fails with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cosim.errors import (
    CapabilityError,
    CheckpointError,
    CosimError,
    FmuError,
    LinkError,
    ProblemList,
    StepDiscarded,
    StepError,
    StructureError,
)

_KINDS: Final[Mapping[str, type[CosimError]]] = {
    kind.__name__: kind
    for kind in (CapabilityError, CheckpointError, FmuError, LinkError, StepDiscarded, StepError, StructureError)
}


REPAIR: Final = " Ask the author of the FMU for a repair, or write 'on_failure: restart' where it happens seldom."


_TELLING: Final = re.compile(r"panicked|terminate called|Traceback|[Aa]ssert|\b[Ee]rror\b")
"""Where what a dying process prints begins to say why."""
_OF_A_STACK: Final = re.compile(r"\s{3,}|\s+at |\s*\d+: |stack backtrace|note: ")
_QUOTED_LINES: Final = 3
_QUOTED: Final = 300
"""Characters quoted."""


def last_words(printed: str) -> str:
    """Return what of the last output of a process may explain its end, without the frames of a stack."""
    lines = [line for line in printed.splitlines() if line.strip() and not _OF_A_STACK.match(line)]
    first = next((i for i, line in enumerate(lines) if _TELLING.search(line)), len(lines) - 1)
    text = "\n".join(line.rstrip() for line in lines[first : first + _QUOTED_LINES])
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "…"


class HostFailure(StepError):
    """The process that hosts an FMU ended, hung, or took too much memory; another can take its place."""


def to_head(error: CosimError) -> dict[str, Any]:
    """Return ``error`` as part of a message."""
    if isinstance(error, ProblemList):
        error = error.problems[0]
    found: dict[str, Any] = {
        "kind": next(kind.__name__ for kind in (*type(error).__mro__, StepError) if kind.__name__ in _KINDS),
        "message": error.message,
        "component": error.component,
        "variable": error.variable,
    }
    if isinstance(error, StepDiscarded):
        found["reached"] = error.reached
    return found


def from_head(head: object) -> CosimError:
    """Return the error that ``head`` tells of."""
    if not isinstance(head, Mapping):
        return StepError("The host tells of an error, but not of which.")
    kind = _KINDS.get(str(head.get("kind")), StepError)
    error = kind(str(head.get("message")), component=_text(head, "component"), variable=_text(head, "variable"))
    reached = head.get("reached")
    if isinstance(error, StepDiscarded) and isinstance(reached, int):
        error.reached = reached
    return error


def _text(head: Mapping[str, Any], key: str) -> str | None:
    value = head.get(key)
    return value if isinstance(value, str) else None
