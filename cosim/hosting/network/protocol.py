"""What a server of FMUs and its clients say to each other.

Each message is a prefix and the frames of a packed message (``cosim.hosting.frames``), if it has one. A client counts
its requests and has one at a time; a request with a number that was answered is answered again, not done again, so that
one that may have been lost with a connection can be sent once more. While it waits, a client asks now and then whether
the server is working on it. A server looks now and then whether the client is still connected.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from cosim.hosting.frames import Garbled

VERSION: Final = 1
IDENTITY: Final = 16
"""Bytes by which a client is known, which it draws at random."""
LARGEST_FRAME: Final = 1 << 20
"""Bytes; a peer that announces more is disconnected before anything is set aside for it."""
LARGEST_MESSAGE: Final = 1 << 28
"""Bytes of all frames of one message: the state of an FMU, at the most."""
LARGEST_PART: Final = 1 << 20
"""Bytes of a file that travel in one message."""
BEAT: Final = 1.0
"""Between two questions, or looks, whether the other side is there [s]."""
PATIENCE: Final = 30.0
"""How long a client waits for any sign of the server before it gives up [s]."""
CONNECTING: Final = 10.0
"""The same, until the server has answered once [s]."""
GRACE: Final = 60.0
"""How long a server keeps the FMU of a client that is not connected any more [s]: longer than that client waits."""
HEARTBEAT: Final = 2_000
DEAD_AFTER: Final = 10_000
"""Between two heartbeats of ZeroMQ, and how long without one until a connection is given up [ms]."""
_PREFIX: Final = struct.Struct("<4sBQ")
_MAGIC: Final = b"cst1"


class Kind(IntEnum):
    """First those of a client, then those of a server."""

    REQUEST = 1
    BEAT = 2
    """Asks whether the server is working on the request of this number."""
    BYE = 3
    ANSWER = 16
    WORKING = 17
    AGAIN = 18
    """Asks for the request of this number once more."""
    GONE = 19
    """There is no FMU of this client; a text says why."""
    LOOK = 20
    """Nothing: it shows the server whether it arrives."""


def enclosed(kind: Kind, number: int, message: bytes = b"") -> list[bytes]:
    """Return the frames of a message."""
    parts = [message[i : i + LARGEST_FRAME] for i in range(0, len(message), LARGEST_FRAME)]
    return [_PREFIX.pack(_MAGIC, kind, number), *parts]


def disclosed(frames: Sequence[bytes]) -> tuple[Kind, int, bytes]:
    """Return kind, number and packed message of ``frames``.

    Raises
    ------
    Garbled
        When they are no message.
    """
    if not frames or len(frames[0]) != _PREFIX.size or sum(map(len, frames)) > LARGEST_MESSAGE + _PREFIX.size:
        raise Garbled("it does not begin with a prefix, or is too large")
    magic, kind, number = _PREFIX.unpack(frames[0])
    if magic != _MAGIC or kind not in list(Kind):
        raise Garbled(f"it begins with {magic!r}, {kind}")
    return Kind(kind), number, b"".join(frames[1:])
