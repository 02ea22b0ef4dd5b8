"""Messages between a host and who uses it: a JSON head and raw bytes, checked before anything is believed."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

MOST_HEAD: Final = 1 << 28
MOST_BODY: Final = 1 << 33
"""Bytes beyond which a message is not believed: a description of 100,000 variables, and a state, are far smaller."""
_PREFIX: Final = struct.Struct("<4sIQ")
_MAGIC: Final = b"csm1"


class Garbled(Exception):
    """What came is not a message."""


def pack(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return a message as bytes."""
    written = json.dumps(head, separators=(",", ":")).encode()
    return b"".join((_PREFIX.pack(_MAGIC, len(written), len(body)), written, body))


def unpack(take: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Return the head and the body of the next message; ``take(n)`` returns exactly ``n`` bytes.

    Raises
    ------
    Garbled
        When it is no message.
    """
    magic, n_head, n_body = _PREFIX.unpack(take(_PREFIX.size))
    if magic != _MAGIC or n_head > MOST_HEAD or n_body > MOST_BODY:
        raise Garbled(f"it begins with {magic!r} and announces {n_head} and {n_body} bytes")
    try:
        head = json.loads(take(n_head))
    except (ValueError, RecursionError) as error:
        raise Garbled(f"its head is not JSON: {error}") from error
    if not isinstance(head, dict):
        raise Garbled("its head is not a mapping")
    return head, take(n_body)


def unpack_whole(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the head and the body of ``message``, which is one."""
    place = 0

    def take(n: int) -> bytes:
        nonlocal place
        part = message[place : place + n]
        if len(part) != n:
            raise Garbled("it is cut off")
        place += n
        return part

    found = unpack(take)
    if place != len(message):
        raise Garbled("something follows its end")
    return found
