"""The audit trail: who did what, when and why, in a file to which records are only added, chained by their hashes.

``record`` is what the rest of cosim calls. Where no trail is configured it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

KINDS: Final = (
    "build", "run", "study", "training", "regression", "release", "approval", "people", "advice", "plant", "note",
)  # fmt: skip
"""Actions that are recorded; a trail begins with 'trail', and 'recovery' is its own."""


def record(
    kind: str,
    subject: str,
    *,
    why: str = "",
    before: object = None,
    after: object = None,
    person: str = "",
    beside: Path | None = None,
) -> str | None:
    """Record an action; when this returns, the record is on the disk.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    subject
        What the action is about: a scenario, a class, a release, a tag of the plant.
    why
        The reason that was given.
    before, after
        What was and what is: anything that JSON can hold. No secrets, and no more than 200 kB.
    person
        Who has signed the action, where somebody has.
    beside
        As for ``action``.

    Returns
    -------
    str | None
        The hash of the record, None where no trail is configured.

    Raises
    ------
    AuditError
        When the trail cannot be written, or is not what was written: the action then must not go on.
    SignatureError
        When the trail is signed, and its key is not here.
    """
    assert kind in KINDS, kind
    folder = _trail_of(beside)
    if folder is None:
        return None
    from cosim.audit.trail import Entry, append

    entry: Any = Entry(kind, subject, why, before, after, person)
    return append(folder, [entry])[0].hash


@dataclass(slots=True)
class Action:
    """Something that takes a while; ``after`` is set to what tells how it ended."""

    after: Callable[[], object] = lambda: None


@contextmanager
def action(
    kind: str, subject: str, *, why: str = "", before: Callable[[], object], beside: Path | None = None
) -> Iterator[Action]:
    """Record that an action begins, and, when the block ends, how it ended; ``before`` is asked only if there is need.

    It is recorded in the trail of the project that the folder ``beside`` lies in, which is that of the scenario, the
    study or whatever file the action is about; where there is none, in that of the working directory.
    An action of which only the beginning is recorded was interrupted.

    Raises
    ------
    AuditError, SignatureError
        As ``record``, before the block or after it.
    """
    folder, doing = _trail_of(beside), Action()
    if folder is None:
        yield doing
        return
    from cosim.audit.trail import Entry, append

    facts: Any = before()
    begun = append(folder, [Entry(kind, subject, why, facts, {"status": "begun"})])[0]
    after: Any = None
    try:
        yield doing
        after = doing.after()
    except BaseException as error:
        after = {"status": "ended", "error": f"{type(error).__name__}: {error}"[:2000]}
        raise
    finally:
        append(folder, [Entry(kind, subject, why, {"record": begun.n}, after)])


def _trail_of(beside: Path | None) -> Path | None:
    from cosim.audit.where import find_trail

    return (find_trail(beside) if beside is not None else None) or find_trail()
