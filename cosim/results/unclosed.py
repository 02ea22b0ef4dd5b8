"""An HDF5 file that its writer has, or had when it was killed, open: shown to the library as if it had been closed.

The library opens such a file only to wait, in ever longer pauses, until parts whose checksum is wrong become whole,
which those of a damaged file never do. What a writer in single-writer-multiple-readers mode has flushed is consistent
without the last update of the superblock, so that it is enough to write that anew, for the reader only.

Source: HDF5 File Format Specification 3.0, II.A (superblock version 3); R. Jenkins, lookup3.c (2006), public domain.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Final

_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_VERSION, _FLAGS, _END = 8, 11, 28
"""Places of version, consistency flags and end-of-file address in the superblock [B]."""
_LENGTH: Final = 44
"""Length of a superblock with addresses of 8 bytes, without its checksum [B]."""
_ROOM: Final = 1 << 40
"""How much a file may grow while it is read [B]."""
_GUESS: Final = 512
"""Longest read of the library that may go beyond what it needs, and so beyond the end of the file [B]."""
_MASK: Final = 0xFFFFFFFF
_MIXING: Final = ((0, 2, 4), (1, 0, 6), (2, 1, 8), (0, 2, 16), (1, 0, 19), (2, 1, 4))
_FINAL: Final = ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24))


def is_unclosed(path: Path) -> bool:
    """Tell whether a writer has, or had when it was killed, the file at ``path`` open."""
    with path.open("rb") as file:
        start = file.read(_LENGTH)
    return len(start) == _LENGTH and start[:8] == _SIGNATURE and start[_VERSION] == 3 and bool(start[_FLAGS] & 1)


class ClosedView(io.RawIOBase):
    """The bytes of an unclosed file, behind a superblock as the writer would have left it but for room to grow.

    A part that is not there, or not whole, is an OSError.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size + _ROOM
        self._start = _closed(self._file.read(_LENGTH), self._size)
        self._at = 0

    def readable(self) -> bool:  # noqa: D102
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def tell(self) -> int:  # noqa: D102
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # noqa: D102
        at, wanted = self._at, len(buffer)
        self._file.seek(at)
        n = self._file.readinto(buffer)
        if n < wanted and (n == 0 or wanted > _GUESS):
            raise OSError(f"the file ends at byte {at + n}, and {wanted - n} more are missing")
        buffer[n:] = bytes(wanted - n)
        covered = self._start[at : at + wanted]
        buffer[: len(covered)] = covered
        self._at += wanted
        return wanted

    def close(self) -> None:  # noqa: D102
        self._file.close()
        super().close()


def _closed(start: bytes, size: int) -> bytes:
    """Return the superblock that begins with ``start`` without flags and for a file of ``size``, with its checksum."""
    changed = bytearray(start)
    changed[_FLAGS] = 0
    changed[_END : _END + 8] = struct.pack("<Q", size)
    return bytes(changed) + struct.pack("<I", lookup3(bytes(changed)))


def lookup3(data: bytes) -> int:
    """Return the checksum that HDF5 gives its metadata: Jenkins' ``hashlittle`` from 0."""
    state = [(0xDEADBEEF + len(data)) & _MASK] * 3
    n_blocks = max((len(data) - 1) // 12, 0)
    padded = data + bytes(-len(data) % 12)
    for i in range(n_blocks):
        _add(state, padded[12 * i : 12 * i + 12])
        for target, other, shift in _MIXING:
            state[target] = ((state[target] - state[other]) & _MASK) ^ _rotated(state[other], shift)
            state[other] = (state[other] + state[3 - target - other]) & _MASK
    if data:
        _add(state, padded[12 * n_blocks :])
        for target, other, shift in _FINAL:
            state[target] = ((state[target] ^ state[other]) - _rotated(state[other], shift)) & _MASK
    return state[2]


def _add(state: list[int], block: bytes) -> None:
    state[:] = [(word + more) & _MASK for word, more in zip(state, struct.unpack("<3I", block), strict=True)]


def _rotated(word: int, shift: int) -> int:
    return (word << shift | word >> (32 - shift)) & _MASK
