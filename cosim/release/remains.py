"""What remains of a registry that was removed: with it, who approves would be forgotten without a word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cosim.audit.plain import open_plain
from cosim.audit.trail import FILE
from cosim.audit.where import find_upwards
from cosim.errors import ReleaseError
from cosim.release.registry import FOLDER, PAPER, PEOPLE, VARIABLE

_MARK: Final = b'"event":"found"'
_LOCK: Final = "lock"


def require_none(folder: Path, trail: Path | None) -> None:
    """Make sure that the project of ``folder``, in which no registry is found, never had one, by all that is there.

    ``trail`` is the audit trail of the project, where it has one.

    Raises
    ------
    ReleaseError
        When something is left of a registry, or the audit trail tells of one.
    """
    left = find_upwards(FOLDER, _LOCK, folder)
    if left is not None and not (left / PAPER).exists():
        raise ReleaseError(f"'{left}' is what is left of a registry, without its '{PAPER}'. {_TODO}")
    for place in () if trail is None else _founded(trail):
        if folder.resolve().is_relative_to(place.parent) and not (place / PAPER).is_file():
            raise ReleaseError(
                f"The registry '{place}', of which the audit trail '{trail}' tells, is gone, and with it who approves "
                f"here. {_TODO}"
            )


_TODO: Final = f"Bring it back from a backup, or name in {VARIABLE} where it is now."


def _founded(trail: Path) -> Iterator[Path]:
    """Yield where each registry of which a trail tells was begun."""
    try:
        with open_plain(trail / FILE) as opened:
            told = [found for line in opened if _MARK in line and (found := _told(line))]
    except OSError as error:
        raise ReleaseError(f"The audit trail in '{trail}' cannot be read: {error.strerror or error}.") from error
    for after in told:
        where = after.get("folder")  # which trails do not tell whose registry was begun before they did
        yield (trail / (where if isinstance(where, str) else f"../{FOLDER}")).resolve()


def _told(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)["record"]
        after = record["after"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    is_it = record.get("kind") == PEOPLE and isinstance(after, dict) and after.get("event") == "found"
    return after if is_it else {}
