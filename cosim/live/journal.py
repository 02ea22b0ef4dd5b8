"""A write-ahead journal: arrivals appended one after another, whole or, after a crash, not at all.

A file is a sequence of frames: a letter, the length and the CRC-32 of what follows, then that. ``H`` tells the number
of the first arrival, ``T`` the names of tags from now on (JSON); ``S`` is an arrival of samples, packed; ``N`` a note
(JSON). Reading ends at the first frame that is not whole, which is where a process was killed.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np

from cosim.live.record import Arrival, Kind, Note, Origin, Sample

_HEAD: Final = struct.Struct("<cII")
_LARGEST: Final = 1 << 28
"""Bytes of a frame; more is taken for damage."""
_ORIGINS: Final = tuple(Origin)
_ROW: Final = np.dtype(
    [("tag", "<u4"), ("source", "<i8"), ("server", "<i8"), ("received", "<i8"), ("value", "<f8"), ("status", "<u4"),
     ("origin", "u1")]
)  # fmt: skip
SYNC: Final = 1.0
"""How often what was written is forced to the disk [s]. A killed process loses nothing; a power failure, this much."""


class Journal:
    """Appends arrivals to a new file at ``path``; ``first`` is the number of the first."""

    def __init__(self, path: Path, first: int) -> None:
        self.path, self.n_samples = path, 0
        self._numbers: dict[str, int] = {}
        self._file = path.open("xb", buffering=0)
        self._size = 0
        self._synced = monotonic()
        self._write([(b"H", json.dumps(first).encode())])

    def append(self, arrival: Arrival) -> None:
        """Write ``arrival``; when this returns, no crash of the process loses it.

        Raises
        ------
        OSError
            When the disk is full or gone; what was written before is untouched.
        """
        if isinstance(arrival, Note):
            self._write([(b"N", json.dumps(arrival).encode())])
            return
        new = [name for name in dict.fromkeys(sample.tag for sample in arrival) if name not in self._numbers]
        for name in new:
            self._numbers[name] = len(self._numbers)
        rows = np.array(
            [
                (self._numbers[s.tag], s.source, s.server, s.received, s.value, s.status, _ORIGINS.index(s.origin))
                for s in arrival
            ],
            dtype=_ROW,
        )
        names = [(b"T", json.dumps(new).encode())] if new else []
        self._write([*names, (b"S", rows.tobytes())])
        self.n_samples += len(arrival)

    def _write(self, frames: list[tuple[bytes, bytes]]) -> None:
        data = memoryview(b"".join(_HEAD.pack(kind, len(body), zlib.crc32(body)) + body for kind, body in frames))
        size = self._size + len(data)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError:
            os.ftruncate(self._file.fileno(), self._size)  # half a frame would hide what is written after it
            self._file.seek(self._size)
            raise
        self._size = size
        if monotonic() - self._synced > SYNC:
            self._synced = monotonic()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Force everything to the disk; legal any number of times."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()


def read_journal(path: Path) -> Iterator[tuple[int, Arrival]]:
    """Yield the arrivals of a journal with their numbers, up to where it was cut short."""
    names: list[str] = []
    number = 0
    for kind, data in _frames(path.read_bytes()):
        if kind == b"H":
            number = int(json.loads(data))
            continue
        if kind == b"T":
            names += json.loads(data)
            continue
        yield number, _note(data) if kind == b"N" else _samples(data, names)
        number += 1


def _frames(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + _HEAD.size <= len(data):
        kind, length, check = _HEAD.unpack_from(data, place)
        body = data[place + _HEAD.size : place + _HEAD.size + length]
        if length > _LARGEST or len(body) < length or zlib.crc32(body) != check:
            return
        yield kind, body
        place += _HEAD.size + length


def _note(data: bytes) -> Note:
    kind, *rest = json.loads(data)
    return Note(Kind(kind), *rest)


def _samples(data: bytes, names: list[str]) -> tuple[Sample, ...]:
    return tuple(
        Sample(names[tag], source, server, received, value, status, _ORIGINS[origin])
        for tag, source, server, received, value, status, origin in np.frombuffer(data, _ROW).tolist()
    )
