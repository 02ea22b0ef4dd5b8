"""Records follow one another: what a trail has come to after each, and whether a line can be the next."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cosim.audit.line import Unreadable, decode

FIELDS: Final = ("n", "time", "previous", "kind", "subject", "why", "who", "before", "after")
"""Of every record, in this order; ``clock_back_s`` may follow."""
CLOCK_BACK: Final = "clock_back_s"
ORIGIN: Final = "0" * 64
"""What the first record names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read: ``hash`` stands for it and all before it."""

    n: int
    time: str
    kind: str
    subject: str
    why: str
    who: Mapping[str, Any]
    before: Any
    after: Any
    hash: str
    clock_back: float | None


@dataclass(frozen=True, slots=True)
class ChainState:
    """What a trail has come to: the number and hash of its last record, and the bytes up to its end.

    ``public`` is the key that signs, None where none does, and before the first record, which states it.
    """

    n: int = 0
    hash: str = ORIGIN
    time: str = ""
    end: int = 0
    start: int = 0
    public: str | None = None
    trail: str = ""
    head: str = ""


class Broken(Exception):
    """A line that cannot be the next record; the text is a sentence."""


def advance(state: ChainState, line: bytes) -> tuple[ChainState, Record]:
    """Return what the trail has come to with ``line``, which ends as lines do, and the record in it.

    Raises
    ------
    Broken
        When it is not what can follow.
    """
    place = f"Record {state.n + 1}, at byte {state.end},"
    public = state.public if state.n else _stated_key(line)
    try:
        content, digest = decode(line, public)
    except Unreadable as error:
        raise Broken(f"{place} is not what was written: {error}.") from error
    _check_fields(content, place)
    _check_order(state, content, place)
    record = _record(content, digest)
    trail, head = (state.trail, state.head) if state.n else _identity(content, public, place)
    end = state.end + len(line)
    return ChainState(record.n, digest, record.time, end, state.end, public, trail, head), record


def _stated_key(line: bytes) -> str | None:
    """Return the key that a first record states; whether it signed shows when the record is read with it."""
    try:
        key = json.loads(line)["record"]["after"]["key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return key if isinstance(key, str) and re.fullmatch("[0-9a-f]{64}", key) else None


def _check_fields(content: Mapping[str, Any], place: str) -> None:
    kinds = {"n": int, "time": str, "previous": str, "kind": str, "subject": str, "why": str, "who": dict}
    names = tuple(content)
    if names not in (FIELDS, (*FIELDS, CLOCK_BACK)):
        raise Broken(f"{place} is not what cosim writes: it has the fields {', '.join(map(repr, names))}.")
    for name, kind in kinds.items():
        if type(content[name]) is not kind:
            raise Broken(f"{place} is not what cosim writes: its '{name}' is a {type(content[name]).__name__}.")
    if CLOCK_BACK in content and not isinstance(content[CLOCK_BACK], float):
        raise Broken(f"{place} is not what cosim writes: its '{CLOCK_BACK}' is no number.")
    try:
        is_with_zone = datetime.fromisoformat(content["time"]).tzinfo is not None
    except ValueError:
        is_with_zone = False
    if not is_with_zone:
        raise Broken(f"{place} is not what cosim writes: its time is '{content['time']}'.")


def _check_order(state: ChainState, content: Mapping[str, Any], place: str) -> None:
    n, expected = content["n"], state.n + 1
    if n > expected:
        lost = f"record {expected} is" if n == expected + 1 else f"records {expected} to {n - 1} are"
        raise Broken(f"{place} says that it is record {n}: {lost} missing before it.")
    if n < expected:
        raise Broken(f"{place} says that it is record {n}: it was moved or copied here from elsewhere.")
    if content["previous"] != state.hash:
        raise Broken(
            f"{place} does not follow the one before it: it names {content['previous'][:12]}… as the hash before it, "
            f"which is {state.hash[:12]}…. One of them was replaced, or it is of another trail."
        )


def _record(content: Mapping[str, Any], digest: str) -> Record:
    fields = {name: content[name] for name in FIELDS if name != "previous"}
    return Record(**fields, hash=digest, clock_back=content.get(CLOCK_BACK))


def _identity(content: Mapping[str, Any], public: str | None, place: str) -> tuple[str, str]:
    """Return the name of the trail and where its head is, which the first record states."""
    stated = content["after"] if content["kind"] == "trail" else None
    if not isinstance(stated, dict) or stated.get("key") != public:
        raise Broken(f"{place} does not begin a trail: it does not say by which key it is signed.")
    trail, head = stated.get("trail"), stated.get("head")
    if not isinstance(trail, str) or not isinstance(head, str):
        raise Broken(f"{place} does not begin a trail: it does not name it.")
    return trail, head
