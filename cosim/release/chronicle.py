"""Signed records that follow one another, each a file: what happened to a release, or to the people who may sign.

A file is called ``<number>-<hash>.json`` and holds a line as the audit trail has them. It names the hash of the one
before it, the chronicle and the registry it belongs to, who signs, what that means, and where the audit trail and the
people's chronicle stood, so that it can neither be moved nor dated back without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cosim.audit.ed25519 import SecretKey
from cosim.audit.line import LONGEST, Unreadable, decode, encode
from cosim.audit.plain import open_plain
from cosim.errors import ReleaseError

CONTEXT: Final = b"cosim release record 1\n"
ORIGIN: Final = "0" * 64
_NAME: Final = re.compile(r"([0-9]{4,})-([0-9a-f]{64})\.json")
_KINDS: Final[Mapping[str, type]] = {
    "n": int, "previous": str, "registry": str, "chronicle": str, "event": str, "time": str, "by": dict,
    "meaning": str, "reason": str, "people": int, "trail": dict, "facts": dict,
}  # fmt: skip
_BY: Final = ("person", "name", "key")


@dataclass(frozen=True, slots=True)
class Signer:
    """A person as a signature names him: short name, printed name, public key."""

    person: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Event:
    """One signed record; ``people`` is how many events of people there were, ``trail`` the head of the audit trail."""

    n: int
    previous: str
    registry: str
    chronicle: str
    event: str
    time: str
    by: Signer
    meaning: str
    reason: str
    people: int
    trail: Mapping[str, Any]
    facts: Mapping[str, Any]
    hash: str = ""


def told_at(event: Event) -> int:
    """Return how many records the audit trail had when ``event`` was signed."""
    count = event.trail.get("count")
    return count if isinstance(count, int) else 0


def sign(event: Event, key: SecretKey) -> tuple[bytes, str]:
    """Return the line that ``key`` signs, and its hash."""
    content = {name: getattr(event, name) for name in _KINDS}
    content["by"] = {name: getattr(event.by, name) for name in _BY}
    return encode(content, key, CONTEXT)


def read_line(line: bytes, what: str) -> Event:
    """Return the event that ``line`` holds, if the key that it names has signed it; whose that is, others know.

    Raises
    ------
    ReleaseError
        When it is not what was signed.
    """
    key = _stated_key(line)
    try:
        content, digest = decode(line, key, CONTEXT)
    except Unreadable as error:
        raise ReleaseError(f"{what} is not what was signed: {error}.") from error
    by: dict[str, Any] = content.get("by") or {}
    is_ours = tuple(content) == tuple(_KINDS) and all(type(content[name]) is kind for name, kind in _KINDS.items())
    if not is_ours or tuple(by) != _BY or not all(isinstance(by[name], str) for name in _BY) or by["key"] != key:
        raise ReleaseError(f"{what} is not a record as cosim writes one.")
    return Event(**{**content, "by": Signer(**by)}, hash=digest)


def _stated_key(line: bytes) -> str:
    """Return the public key that the line says has signed it; where it says none, one that has signed nothing."""
    found = re.search(rb'"by":\{"person":"[^"\\]*","name":"(?:[^"\\]|\\.)*","key":"([0-9a-f]{64})"\}', line)
    return found[1].decode() if found else ORIGIN


def file_name(event: Event) -> str:
    """Return what the file of ``event`` is called."""
    return f"{event.n:04}-{event.hash}.json"


def read_chronicle(folder: Path, registry: str, chronicle: str) -> list[Event]:
    """Return the events in ``folder``, which follow one another without a gap.

    Raises
    ------
    ReleaseError
        When one is missing, changed, doubled, or of another chronicle.
    """
    found: list[Event] = []
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ReleaseError(f"'{folder}' cannot be read: {error.strerror}.") from error
    previous = ORIGIN
    for name in names:
        match = _NAME.fullmatch(name)
        if match is None:
            if name.startswith(".new-"):
                continue
            raise ReleaseError(f"'{folder / name}' does not belong into the registry.")
        event = _read(folder / name)
        what = f"Record {len(found) + 1} of {chronicle}"
        if (event.n, event.hash) != (int(match[1]), match[2]):
            raise ReleaseError(f"'{folder / name}' holds another record than its name says.")
        if (event.registry, event.chronicle) != (registry, chronicle):
            raise ReleaseError(f"'{folder / name}' is a record of {event.chronicle}, moved to {chronicle}.")
        if event.n != len(found) + 1 or event.previous != previous:
            raise ReleaseError(
                f"{what} is missing, or there twice: '{folder / name}' does not follow the one before it."
            )
        found.append(event)
        previous = event.hash
    return found


def _read(file: Path) -> Event:
    try:
        with open_plain(file) as opened:
            line = opened.read(LONGEST + 1)
    except OSError as error:
        raise ReleaseError(f"'{file}' cannot be read: {error.strerror or error}.") from error
    return read_line(line, f"'{file}'")
